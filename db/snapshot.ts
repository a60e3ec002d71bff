import type SQLite from 'better-sqlite3'

/**
 * What is read within one turn of the event loop is read from one snapshot. For each read by itself SQLite locks
 * its log and unlocks it again, and these system calls take longer than looking up a row. Writers are not kept
 * waiting; but whatever must be seen from now on, such as what this process has just written, is seen by ending
 * the snapshot first.
 */
export class Snapshot {
  readonly #begin: SQLite.Statement
  readonly #end: SQLite.Statement
  #isOpen = false

  /** The connection must not be used for anything but reads. */
  constructor(connection: SQLite.Database) {
    this.#begin = connection.prepare('begin')
    this.#end = connection.prepare('commit')
  }

  begin() {
    if (this.#isOpen) return
    this.#begin.run()
    this.#isOpen = true
    setImmediate(this.end)
  }

  end = () => {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#end.run()
  }
}
