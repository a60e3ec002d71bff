// Plain JavaScript: a Node that is too old to read TypeScript must be able to read this, and say so. On Linux
// a new one comes with the packages.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

// What Node has made of the sources at one start is there at the next. Where it cannot be kept, it is made anew;
// in a temporary folder, others could put theirs in its place.
if (module.enableCompileCache) {
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url)))
}

import('./main.ts').catch((error) => {
  const isMissing = error.code === 'ERR_MODULE_NOT_FOUND' && /^Cannot find package/.test(error.message)
  if (!isMissing && error.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
  const needs = isMissing ? 'its packages' : `Node 24 or newer; this is ${process.versions.node}`
  process.stderr.write(`Latchkey needs ${needs}. Type: npm ci && npm start\n`)
  process.exitCode = 78
})
