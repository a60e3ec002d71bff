import { followLog } from './eventLog.js'
import { kinds, PAGE } from './kinds.js'

const PAGE_SIZE = 25
const ANOTHER_TRY_MS = 5_000
/** How the server closes the socket of a key that is not, or no longer, valid. */
const UNAUTHORIZED = 4401

/**
 * The organization's invitations as the server has them, and no guess of ours: pages of lists, kept true by
 * the event log. It knows nothing of the page that shows them.
 *
 * The first page comes together with the log's cursor, the subscription goes on from there, and after each
 * event its cursor is kept: from it the next connection goes on, without a gap and without a repeat.
 */
export class Invitations {
  #api
  #canFollow
  #kinds
  #hear
  #known = new Map()
  /** For each kind that is listed: where its list goes on, and how far it has come. */
  #lists = new Map()
  #filter = { kind: '', statuses: [], search: '' }
  #asking = new AbortController()
  /** How many events have come; and how many had, when the latest of each invitation came. */
  #events = 0
  #toldAt = new Map()
  #stopFollowing = () => {}
  /** Whether what is shown is complete, and a change of the filter all that can be missing. */
  #started = false
  #renewing = false
  #nextTry

  /** `kinds` are those that the key may see. `hear` has `change`, `event`, `failure`, `state` and `end`. */
  constructor(api, { kinds, canFollow, hear }) {
    this.#api = api
    this.#kinds = kinds
    this.#canFollow = canFollow
    this.#hear = hear
  }

  /** Loads everything anew: at first, and whenever the log cannot continue from where we were. */
  async start() {
    clearTimeout(this.#nextTry)
    this.#stopFollowing()
    this.#started = false
    const organization = await this.#page({ anew: true })
    if (!organization) return
    this.#started = true
    if (!this.#canFollow) return this.#hear.state('off')
    this.#stopFollowing = followLog(this.#api, organization.eventCursor, {
      event: (event) => this.#tell(event),
      failure: (failure) => this.#lost(failure),
    })
  }

  /** Shows only what meets this. The subscription goes on: what it tells is sorted by the same filter. */
  async filter(filter) {
    this.#filter = filter
    if (this.#started) await this.#page({ anew: true })
    else await this.start()
  }

  /** Loads the next page. */
  async more() {
    if (!this.#renewing) await this.#page({ anew: false })
  }

  /** For those who may not follow: what is shown, read again. */
  async refresh() {
    if (!this.#canFollow) await this.start()
  }

  get isFiltered() {
    const { kind, statuses, search } = this.#filter
    return Boolean(kind || search || statuses.length > 0)
  }

  get hasMore() {
    return [...this.#lists.values()].some(({ hasNextPage }) => hasNextPage)
  }

  /**
   * What to show, newest first. Each kind is a list of its own, and they do not reach back equally far:
   * older than the end of any that goes on, there may be others between that have not been loaded.
   */
  shown() {
    const horizon = this.#horizon()
    return [...this.#known.values()]
      .filter((invitation) => this.#matches(invitation) && invitation.createdAt >= horizon)
      .sort((a, b) => compare(b.createdAt, a.createdAt) || compare(b.id, a.id))
  }

  close() {
    clearTimeout(this.#nextTry)
    this.#asking.abort()
    this.#stopFollowing()
  }

  #horizon() {
    const ends = [...this.#lists.values()]
      .filter(({ hasNextPage }) => hasNextPage)
      .map(({ oldest }) => oldest)
    return ends.sort().at(-1) ?? ''
  }

  /** Reads the first pages, or the next one of the lists that reach back the least. */
  async #page({ anew }) {
    const horizon = this.#horizon()
    const { kind, statuses, search } = this.#filter
    const asked = this.#kinds.filter((type) => {
      if (anew) return (!kind || type === kind) && (!search || kinds[type].searched)
      const list = this.#lists.get(type)
      return list?.hasNextPage && list.oldest === horizon
    })
    const variables = {
      first: PAGE_SIZE,
      statuses: statuses.length > 0 ? statuses : undefined,
      search: search || undefined,
      withCursor: !this.#started && this.#canFollow,
    }
    for (const type of Object.keys(kinds)) {
      variables[`with${type}`] = asked.includes(type)
      variables[`after${type}`] = anew ? undefined : this.#lists.get(type)?.endCursor
    }
    // An answer to what nobody asks any more must not come after the one to what was asked since.
    this.#asking.abort()
    this.#asking = new AbortController()
    const askedAt = this.#events
    this.#renewing = anew
    const organization = await this.#answer(variables, this.#asking.signal)
    if (!organization) return undefined

    this.#renewing = false
    if (!this.#started) this.#known.clear()
    if (anew) this.#lists.clear()
    for (const type of asked) this.#take(type, organization[type], askedAt)
    this.#hear.failure()
    this.#hear.change()
    return organization
  }

  async #answer(variables, signal) {
    try {
      const { organization } = await this.#api.run(PAGE, variables, signal)
      return organization
    } catch (error) {
      // Then something else has been asked since.
      if (error.name === 'AbortError') return undefined
      if (error.code === 'UNAUTHENTICATED') this.#hear.end(error.message)
      else if (this.#renewing) this.#lost([error])
      else this.#hear.failure(error.message)
      return undefined
    }
  }

  #take(type, { edges, pageInfo }, askedAt) {
    for (const { node } of edges) {
      // What the log has told since this was asked for is newer than what was read meanwhile.
      if ((this.#toldAt.get(node.id) ?? 0) <= askedAt) this.#known.set(node.id, node)
    }
    const oldest = edges.at(-1)?.node.createdAt ?? ''
    this.#lists.set(type, { ...pageInfo, oldest })
  }

  /** As the server would: events tell of all invitations, whatever the filter. */
  #matches(invitation) {
    const { kind, statuses, search } = this.#filter
    const searched = kinds[invitation.__typename].searched?.(invitation) ?? ''
    return (
      (!kind || invitation.__typename === kind) &&
      (statuses.length === 0 || statuses.includes(invitation.status)) &&
      (!search || searched.toLowerCase().includes(search.toLowerCase()))
    )
  }

  #tell(event) {
    const { invitation } = event
    this.#events++
    this.#toldAt.set(invitation.id, this.#events)
    this.#known.set(invitation.id, invitation)
    this.#hear.event(event)
    this.#hear.change()
  }

  #lost(failure) {
    const [{ code, message } = {}] = Array.isArray(failure) ? failure.map(reasonOf) : []
    if (failure?.code === UNAUTHORIZED || code === 'UNAUTHENTICATED') {
      return this.#hear.end('This key is no longer valid.')
    }
    // The log no longer reaches back to where we were: what it would have told stands in the lists.
    if (code === 'CURSOR_OUT_OF_RANGE') return void this.start()
    if (message) this.#hear.failure(message)
    this.#hear.state('waiting')
    this.#stopFollowing()
    this.#started = false
    clearTimeout(this.#nextTry)
    this.#nextTry = setTimeout(() => this.start(), ANOTHER_TRY_MS)
  }
}

/** Of an error as GraphQL has it, or as `run` throws it. */
const reasonOf = ({ message, code, extensions }) => ({ message, code: code ?? extensions?.code })

const compare = (a, b) => Number(a > b) - Number(a < b)
