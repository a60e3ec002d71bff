import { stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { type Figures, measureFanOut, measureHttp, type Settings } from './measure.ts'
import { measureScale } from './scale.ts'
import { type Kind, kinds, titles } from './work.ts'

// `npm run bench [-- P N L W F] [--rounds 5] [--seconds 2]`: Latchkey, with every protection that it has by
// default, against the raw server beside this file, in rounds that take turns. `npm run bench -- scale`: how
// its costs grow.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } },
})
const settings: Settings = { rounds: Number(values.rounds), milliseconds: 1000 * Number(values.seconds) }
const wants = (kind: string) => positionals.length === 0 || positionals.includes(kind)

const row = (...cells: (string | number)[]) => void stdout.write(`| ${cells.join(' | ')} |\n`)

if (positionals.includes('scale')) {
  row('what', 'figure', 'must be')
  row('---', '---:', '---')
  for await (const line of measureScale(settings)) row(...line)
} else {
  row('work', 'raw', 'Latchkey', 'ratio', 'by CPU', 'p99')
  row('---', '---:', '---:', '---:', '---:', '---:')
  for (const kind of kinds.filter(wants))
    row(`**${kind}** ${titles[kind]}`, ...cells(kind, await measureHttp(kind, settings)))
  for (const sockets of wants('F') ? [1000, 5000] : []) {
    const { raw, latchkey } = await measureFanOut(sockets, settings)
    const each = (micros: number) => `${micros.toFixed(1)} µs a message`
    row(
      `**F** one change to ${sockets.toLocaleString('en')} sockets`,
      each(raw.cpu),
      each(latchkey.cpu),
      `${(latchkey.cpu / raw.cpu).toFixed(2)} ×`,
      `${(latchkey.last / raw.last).toFixed(2)} × to the last`,
      `${latchkey.last.toFixed(0)} ms`,
    )
  }
}

function cells(kind: Kind, { raw, latchkey }: { raw: Figures; latchkey: Figures }) {
  const each = ({ rate }: Figures) => `${Math.round(rate).toLocaleString('en')}/s`
  return [
    each(raw),
    each(latchkey),
    (latchkey.rate / raw.rate).toFixed(2),
    (raw.cpu / latchkey.cpu).toFixed(2),
    `${latchkey.p99.toFixed(kind === 'W' ? 0 : 1)} ms`,
  ]
}
