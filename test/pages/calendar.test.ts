import { expect, test } from 'vitest'
import { calendarOf } from '#pages/calendar.ts'
import { testApp } from '../kit/app.ts'
import { house, invite } from '../kit/story.ts'
import { visitor } from './visitor.ts'

test('the time of an invitation comes as a calendar file', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme, { startsIn: '1d', expiresIn: '2h', name: 'Dinner' })
  const response = await visitor(app).get(`/invite/${token}/calendar.ics`)
  expect(response.headers.get('content-type')).toBe('text/calendar; charset=utf-8')
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="invitation.ics"')
  expect((await response.text()).replaceAll('\r\n ', '').split('\r\n')).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Latchkey//Invitation//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${id}@latchkey.test`,
    'DTSTAMP:20300101T000000Z',
    'SEQUENCE:1',
    'DTSTART:20300102T000000Z',
    'DTEND:20300102T020000Z',
    'SUMMARY:Dinner',
    `URL:https://latchkey.test/invite/${token}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ])
  expect((await visitor(app).get('/invite/x/calendar.ics')).status).toBe(404)
})

test('lines have at most 75 octets, and no character is cut', () => {
  const summary = 'ä😀中 '.repeat(60).trim()
  const file = calendarOf({
    ...{ uid: 'a', stamp: 0, sequence: 1, start: 0, end: 1, description: '', url: 'https://latchkey.test' },
    summary,
  })
  const lines = file.split('\r\n')
  expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75)
  expect(lines.length).toBeGreaterThan(15)
  expect(file.replaceAll('\r\n ', '')).toContain(`SUMMARY:${summary}\r\n`)
})
