import type { ExecutionResult } from 'graphql'
import type { LogFollower } from '#domain/logFollower.ts'
import type { Delivery } from '#schema/invitationEvent.ts'

/** Sends a result; answers with a promise where the client is slow to read. */
export type Deliver = (result: ExecutionResult) => Promise<void> | undefined

/** What an event comes to for all who are told the same. */
export type ResultOf = (event: Delivery) => ExecutionResult | Promise<ExecutionResult>

interface Member {
  /** The last event that it has been told of. */
  position: number
  deliver: Deliver
  /** It goes on by itself from there, once what it was sent is on its way. */
  left: (sending?: Promise<void>) => void
}

/**
 * Subscribers who stand at the same place of the log and are told the same from there on. One follower pulls for
 * all, and is judged for all by the credential that they share; what it brings is handed to one after the other.
 * Nobody waits for anybody: who is slow to read leaves, and where something fails all do, to meet it by themselves.
 */
export class Crowd {
  readonly #members = new Set<Member>()
  readonly #follower: LogFollower
  readonly #ended: () => void

  /** Of those of an audience, the one that goes the way of the follower; or begins with it, if that is live. */
  static of(crowds: Map<string, Crowd>, like: LogFollower, resultOf: ResultOf): Crowd | undefined {
    const { kin, position } = like
    const known = crowds.get(kin)
    if (known || !like.isLive) return known
    const crowd = new Crowd(like.at(position), () => {
      if (crowds.get(kin) === crowd) crowds.delete(kin)
    })
    crowds.set(kin, crowd)
    void crowd.#run(resultOf)
    return crowd
  }

  private constructor(follower: LogFollower, ended: () => void) {
    this.#follower = follower
    this.#ended = ended
  }

  /** Whether somebody who stands there would miss nothing. */
  hasAllAfter(position: number) {
    return this.#follower.position <= position
  }

  join(member: Member) {
    this.#members.add(member)
  }

  leave(member: Member, sending?: Promise<void>) {
    this.#members.delete(member)
    if (this.#members.size === 0) this.#end()
    member.left(sending)
  }

  async #run(resultOf: ResultOf) {
    let position = this.#follower.position
    try {
      for await (const event of this.#follower) {
        const result = await resultOf(event)
        for (const member of this.#members) this.#hand(member, event.sequence, result)
        position = event.sequence
      }
    } catch {
      // Each is told so in its own words, if it fails for them as well.
    }
    this.#end()
    for (const member of this.#members) {
      member.position = Math.max(member.position, position)
      this.leave(member)
    }
  }

  #hand(member: Member, position: number, result: ExecutionResult) {
    if (member.position >= position) return
    const sending = member.deliver(result)
    member.position = position
    if (sending) this.leave(member, sending)
  }

  #end() {
    this.#ended()
    void this.#follower.return()
  }
}
