// Plain JavaScript: a Node that is too old to read TypeScript must be able to read this, and say so.
import('./main.ts').catch((error) => {
  if (error.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
  process.stderr.write(`Latchkey needs Node 24 or newer; this is ${process.versions.node}.\n`)
  process.exitCode = 78
})
