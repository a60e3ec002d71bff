import { setImmediate as others } from 'node:timers/promises'
import { CompiledQuery, type Kysely, type Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/** A group takes no more work once it has lasted so long: nothing else is served meanwhile. */
const GROUP_MS = 10

type Work<Result> = (trx: Transaction<Tables>) => Promise<Result>

/** Runs the work in a transaction: all of it happens, or nothing. */
export type Transact = <Result>(work: Work<Result>) => Promise<Result>

interface Job {
  work: Work<unknown>
  resolve: (result: never) => void
  reject: (error: unknown) => void
}

/**
 * One commit for all the work that is waiting: on its way to the disk each takes as long as many of them do.
 * Whatever each does lies in a savepoint of its own and is undone alone where it fails; none is answered,
 * neither done nor failed, before the commit that holds it, or what it has seen, is on the disk.
 */
export function groupCommit(writer: Kysely<Tables>): Transact {
  const waiting: Job[] = []
  let running = false

  async function run() {
    running = true
    while (waiting.length > 0) {
      // Requests that have arrived together share the first commit, too.
      await others()
      await commitTogether()
    }
    running = false
  }

  async function commitTogether() {
    const begun: Job[] = []
    try {
      const answers = await writer.transaction().execute(async (trx) => {
        const end = performance.now() + GROUP_MS
        const made: (() => void)[] = []
        for (let job = waiting.shift(); job; job = performance.now() < end ? waiting.shift() : undefined) {
          begun.push(job)
          made.push(await answerOf(job, trx))
        }
        return made
      })
      for (const answer of answers) answer()
    } catch (error) {
      // It could not begin: then those who wait for it are told, all of them.
      for (const job of begun.length > 0 ? begun : waiting.splice(0)) job.reject(error)
    }
  }

  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push({ work, resolve, reject })
      if (!running) void run()
    })
}

const BEGIN = CompiledQuery.raw('savepoint job')
const END = CompiledQuery.raw('release job')
const UNDO = CompiledQuery.raw('rollback to job')

/** Does the work, and says how to tell what became of it. Rejects where the whole transaction is lost. */
async function answerOf({ work, resolve, reject }: Job, trx: Transaction<Tables>): Promise<() => void> {
  await trx.executeQuery(BEGIN)
  try {
    const result = await work(trx)
    return () => resolve(result as never)
  } catch (error) {
    await trx.executeQuery(UNDO)
    return () => reject(error)
  } finally {
    await trx.executeQuery(END)
  }
}
