import { beforeEach, expect, test, vi } from 'vitest'
import { Wakeups } from '#domain/wakeups.ts'

beforeEach(() => {
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})

test('a commit of another process wakes every reader, once', () => {
  let version = 1
  const wakeups = new Wakeups(() => version)
  const [one, other] = [vi.fn(), vi.fn()]
  wakeups.listen('org_1', one)
  wakeups.listen('org_2', other)
  vi.advanceTimersByTime(1000)
  expect(one).not.toHaveBeenCalled()
  version = 2
  vi.advanceTimersByTime(1000)
  expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 1])
})

test('only the readers of an organization are woken by it, with one wake-up for all', () => {
  const wakeups = new Wakeups(() => 1)
  const [one, another, other] = [vi.fn(), vi.fn(), vi.fn()]
  wakeups.listen('org_1', one)
  const stop = wakeups.listen('org_1', another)
  wakeups.listen('org_2', other)
  wakeups.wake(['org_1', 'org_3'])
  expect(one.mock.calls[0]?.[0]).toBe(another.mock.calls[0]?.[0])
  stop()
  wakeups.wake(['org_1'])
  expect([one.mock.calls.length, another.mock.calls.length, other.mock.calls.length]).toEqual([2, 1, 0])
})

test('while nobody listens nothing is polled', () => {
  const wakeups = new Wakeups(() => 1)
  const stops = ['org_1', 'org_1', 'org_2'].map((id) => wakeups.listen(id, () => {}))
  expect(vi.getTimerCount()).toBe(1)
  for (const stop of stops) {
    stop()
    stop()
  }
  expect(vi.getTimerCount()).toBe(0)
  wakeups.listen('org_1', () => {})
  expect(vi.getTimerCount()).toBe(1)
})

test('a database that cannot be asked is for the readers to meet', () => {
  const version = vi.fn(() => 1)
  const wakeups = new Wakeups(version)
  const reader = vi.fn()
  wakeups.listen('org_1', reader)
  version.mockImplementation(() => {
    throw new Error('The database connection is not open')
  })
  vi.advanceTimersByTime(1000)
  expect(reader).toHaveBeenCalled()
})
