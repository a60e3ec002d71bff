import type SQLite from 'better-sqlite3'

/**
 * What is read from here to the end of this turn of the event loop is read from one snapshot. For each read by
 * itself SQLite locks its log and unlocks it again, and these system calls take longer than looking up a row.
 * It is for requests that have just arrived: their senders can know of nothing that was committed later. What
 * this process writes meanwhile ends it.
 */
export class Snapshot {
  readonly #connection: SQLite.Database
  readonly #begin: SQLite.Statement
  readonly #end: SQLite.Statement

  /** The connection must not be used for anything but reads. */
  constructor(connection: SQLite.Database) {
    this.#connection = connection
    this.#begin = connection.prepare('begin')
    this.#end = connection.prepare('commit')
  }

  begin = () => {
    // Asked, not noted: where a read fails badly, SQLite ends it by itself.
    if (this.#connection.inTransaction) return
    this.#begin.run()
    setImmediate(this.end)
  }

  end = () => {
    if (this.#connection.inTransaction) this.#end.run()
  }
}
