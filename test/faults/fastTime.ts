import type { Time } from '#domain/time.ts'

/** Time that goes so many times as fast, from an instant on that all processes share. */
export function fastTime(start: number, rate: number): Time {
  const now = () => start + (Date.now() - start) * rate
  return {
    now,
    at(instant, callback) {
      const timer = setTimeout(callback, Math.max(0, Math.ceil((instant - now()) / rate)))
      return () => clearTimeout(timer)
    },
  }
}
