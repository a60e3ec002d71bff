import { monitorEventLoopDelay } from 'node:perf_hooks'

// Loaded into the server that is measured: tells how late its event loop was since it was last asked.

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
process.on('message', () => {
  process.send?.(delay.percentile(99) / 1e6)
  delay.reset()
})
// It keeps nothing alive.
process.channel?.unref()
