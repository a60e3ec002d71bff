import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const systemChromium = '/usr/bin/chromium'
const cacheFolder = join(import.meta.dirname, '../../node_modules/.cache')

// The second line cuts the network below everything that a page could use, WebSockets and prefetches included.
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
  ...['--disable-background-networking', '--disable-component-update'],
]

export async function openBrowser(): Promise<{ browser: Browser; close: () => Promise<void> }> {
  const { executablePath, env } = existsSync(systemChromium)
    ? { executablePath: systemChromium, env: {} }
    : await unpackedChromium()
  const browser = await chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    args: flags,
    headless: true,
  })
  return { browser, close: () => browser.close() }
}

/** Aborts every request that does not go to the server itself, and answers with the growing list of them. */
export async function cutNetwork(context: BrowserContext, serverUrl: string): Promise<string[]> {
  const { host } = new URL(serverUrl)
  const foreign: string[] = []
  await context.route(
    (url) => url.host !== host,
    (route) => {
      foreign.push(route.request().url())
      return route.abort()
    },
  )
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== host) foreign.push(socket.url())
    })
  })
  return foreign
}

/** The Chromium of `@sparticuz/chromium`, with the libraries and the fonts that a bare machine lacks. */
async function unpackedChromium() {
  const folder = await unpack()
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [join(folder, 'al2023/lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
      XDG_CACHE_HOME: join(folder, 'cache'),
    },
  }
}

async function unpack(): Promise<string> {
  const packageFolder = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..')
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'))
  const folder = join(cacheFolder, `chromium-${version}`)
  if (existsSync(folder)) return folder

  await mkdir(cacheFolder, { recursive: true })
  const unfinished = await mkdtemp(`${folder}.`)
  // The package unpacks into the temporary folder, and its libraries only where it believes to be on Lambda;
  // a process of its own keeps both beliefs away from this one.
  const script = `import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())`
  await promisify(execFile)(process.execPath, ['--eval', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: unfinished, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  })
  await writeFile(
    join(unfinished, 'fonts/fonts.conf'),
    `<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n`,
  )
  // Renamed when whole: another worker or a killed run never leaves or finds half a browser.
  await rename(unfinished, folder).catch(async (error) => {
    if (!existsSync(folder)) throw error
    await rm(unfinished, { recursive: true })
  })
  return folder
}
