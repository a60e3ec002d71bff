import { createServer } from 'node:net'
import { CommandError } from './command.ts'

/**
 * The port, tried before anything else is done; 0 stands for any, and the answer names it. So links can
 * name it too, and nobody who cannot be served is given a key first.
 */
export async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject).listen(port, host, resolve)
    })
    const address = probe.address()
    return typeof address === 'object' && address ? address.port : port
  } catch (error) {
    throw new CommandError(advice(error as NodeJS.ErrnoException, host, port))
  } finally {
    await new Promise((resolve) => void probe.close(resolve))
  }
}

function advice({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  const another = port < 65_535 ? port + 1 : port - 1
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is taken. Stop what runs there, or type: PORT=${another} npm start`
  }
  if (code === 'EACCES') return `Port ${port} needs rights that you do not have. Type: PORT=4000 npm start`
  return `HOST is no address of this machine (${code ?? message}). Type: HOST=127.0.0.1 npm start`
}

/** The host as it stands in a URL that can be opened. */
export const urlHost = (host: string) => {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
