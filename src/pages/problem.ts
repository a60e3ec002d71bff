import type { Sheet } from './pages.ts'
import type { Reader, Word } from './reader.ts'

/** Why there is nothing to see, or nothing was done. */
export type Problem =
  | { kind: 'UNKNOWN' | 'CROSS_SITE' | 'SIGN_IN' | 'NOT_GRANTED' }
  | { kind: 'BAD_FORM'; status: 400 | 405 | 413 | 415 }
  | { kind: 'RATE_LIMITED'; seconds: number }
  | { kind: 'WRONG_ACCOUNT'; invited: string; viewer: string | null }
  | { kind: 'REFUSED'; status: number; detail: string | null }
  | { kind: 'FAILED'; requestId: string }

const statuses = {
  UNKNOWN: 404,
  CROSS_SITE: 403,
  SIGN_IN: 401,
  NOT_GRANTED: 403,
  RATE_LIMITED: 429,
  WRONG_ACCOUNT: 403,
  FAILED: 500,
}

/** That there is nothing to see or to do, and why; with a way back, where there is something to go back to. */
export function problemSheet(reader: Reader, problem: Problem, back: string | null): Sheet {
  const { say } = reader
  const heading = say(problem.kind)
  const leadsBack = !['UNKNOWN', 'RATE_LIMITED'].includes(problem.kind)
  return {
    status: 'status' in problem ? problem.status : statuses[problem.kind],
    template: 'problem',
    title: heading,
    data: {
      heading,
      text: say(wordOf(problem), valuesOf(reader, problem)),
      detail: detailOf(reader, problem),
      back: leadsBack ? back : null,
    },
    state: null,
  }
}

const wordOf = (problem: Problem): Word =>
  problem.kind === 'WRONG_ACCOUNT' && problem.viewer === null ? 'NO_ADDRESS_text' : `${problem.kind}_text`

function valuesOf(reader: Reader, problem: Problem): Record<string, string> {
  if (problem.kind === 'RATE_LIMITED') return { time: reader.seconds(problem.seconds) }
  if (problem.kind === 'WRONG_ACCOUNT') return { invited: problem.invited, viewer: problem.viewer ?? '' }
  return {}
}

function detailOf({ say }: Reader, problem: Problem): string | null {
  if (problem.kind === 'REFUSED') return problem.detail
  return problem.kind === 'FAILED' ? say('requestId', { id: problem.requestId }) : null
}
