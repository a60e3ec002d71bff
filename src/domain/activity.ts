import { insertRow } from '#db/prepared.ts'
import type { Activity } from '#db/tables.ts'
import {
  authorize,
  isSignedIn,
  type Needed,
  refusalOf,
  type SignedIn,
  targetOf,
  type Viewer,
} from './access.ts'
import type { ActivityStatus } from './activityList.ts'
import { isStillWelcome } from './credentials.ts'
import { Refusal, UserError } from './errors.ts'
import {
  type Action,
  type Call,
  callOf,
  earlierResult,
  remember,
  rememberRefusal,
  wasRefused,
} from './idempotency.ts'
import { newId } from './ids.ts'
import type { Store, Tx } from './store.ts'

/**
 * What the work came to; one that is refused, and yet leaves something behind, says so without throwing. One
 * that made several things says what to remember of them, for `replay`.
 */
export type Done<Result> =
  | { subjectId: string; result: Result }
  | { subjectIds: string[]; memory: string; result: Result }
  | { refused: UserError }

/**
 * Runs a mutation as an activity: once for each idempotency key or signed body, recorded together with what
 * it changes. One that is refused is recorded too, once what it began is undone.
 */
export async function perform<Result>(
  store: Store,
  viewer: Viewer,
  needed: Needed,
  action: Action<Result>,
  work: (tx: Tx, viewer: SignedIn) => Promise<Done<Result>>,
): Promise<Result> {
  if (!isSignedIn(viewer)) throw refusalOf(viewer, needed)
  // Not recorded where it refuses: recording is what would cost most.
  await store.throttle.mutation(viewer)
  const call = callOf(viewer, action, action.organizationId ?? targetOf(viewer))
  return run(store, call, (tx) =>
    // First of all: an earlier result, too, is only for those who may do this.
    once(
      tx,
      call,
      () => authorize(viewer, needed, call.organizationId),
      (inner) => work(inner, viewer),
    ),
  )
}

/** The same for what a token alone allows: it stands in the records of the organization that gave the token. */
export async function performByToken<Result>(
  store: Store,
  viewer: Viewer,
  action: Action<Result> & { organizationId: string },
  work: (tx: Tx) => Promise<Done<Result>>,
): Promise<Result> {
  await store.throttle.mutation(viewer)
  const call = callOf(viewer, action, action.organizationId)
  return run(store, call, (tx) => once(tx, call, () => {}, work))
}

type Outcome<Result> = { result: Result } | { refused: UserError | Refusal }

async function run<Result>(
  store: Store,
  call: Call<Result>,
  attempt: (tx: Tx) => Promise<Outcome<Result>>,
): Promise<Result> {
  const done = await store.write(attempt).catch(async (error: unknown) => {
    // The transaction is undone; that it was refused is recorded in one of its own.
    if (error instanceof UserError || error instanceof Refusal) {
      await store.write((tx) => recordRefusal(tx, call, error.code))
    }
    throw error
  })
  if ('refused' in done) throw done.refused
  return done.result
}

async function once<Result>(
  tx: Tx,
  call: Call<Result>,
  check: () => void,
  work: (tx: Tx) => Promise<Done<Result>>,
): Promise<Outcome<Result>> {
  check()
  tx.actorId = call.viewer.kind === 'anonymous' ? null : call.viewer.actorId
  // Who was welcome when the operation began may not be any more, by an earlier mutation of it even.
  if (!(await isStillWelcome({ db: tx.db, now: () => tx.now }, call.viewer))) {
    throw new Refusal('UNAUTHENTICATED', 'Your credential has ended meanwhile.')
  }
  const earlier = await earlierResult(tx, call)
  if (earlier) return 'refused' in earlier ? earlier : { result: await call.replay(tx, earlier.subjectId) }
  const done = await work(tx)
  if ('refused' in done) {
    await recordRefusal(tx, call, done.refused.code)
  } else {
    tx.wake(call.organizationId)
    await remember(tx, call, 'memory' in done ? done.memory : done.subjectId)
    await record(tx, call, { ...completed, ...subjectsOf(done) })
  }
  return done
}

const completed = { status: 'COMPLETED', failure: null } as const

const subjectsOf = (done: { subjectId: string } | { subjectIds: string[] }) =>
  'subjectId' in done
    ? { subject_id: done.subjectId, subject_ids: null }
    : { subject_id: null, subject_ids: JSON.stringify(done.subjectIds) }

async function recordRefusal(tx: Tx, call: Call<unknown>, code: string) {
  // The same signed body twice at once: the other one has recorded it.
  if (await wasRefused(tx, call)) return
  await rememberRefusal(
    tx,
    call,
    await record(tx, call, { status: 'FAILED', subject_id: null, subject_ids: null, failure: code }),
  )
}

async function record(
  tx: Tx,
  { viewer, type, intent, fingerprint, organizationId }: Call<unknown>,
  outcome: { status: ActivityStatus } & Pick<Activity, 'subject_id' | 'subject_ids' | 'failure'>,
): Promise<string> {
  const id = newId('Activity')
  await insertRow(tx.db, 'activities', {
    id,
    // An attempt on somebody else's organization stands in the records of the one who tried.
    organization_id:
      isSignedIn(viewer) && outcome.failure === 'FORBIDDEN' ? viewer.organizationId : organizationId,
    actor_id: viewer.kind === 'anonymous' ? null : viewer.actorId,
    type,
    intent: JSON.stringify(intent),
    fingerprint,
    created_at: tx.now,
    ...outcome,
  })
  return id
}
