import { setTimeout as delay } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Logger,
  type QueryId,
  type RootOperationNode,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely'
import type { Snapshot } from './snapshot.ts'

/**
 * Kysely's dialect for SQLite with what it leaves out: transactions that take the write lock when they
 * begin (a deferred one that upgrades later fails at once instead of waiting), and migrations that run
 * inside one such transaction, so that they are atomic and serialized between processes.
 */
export class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #use: Use
  readonly #adapter: SqliteAtHand

  constructor(connection: SQLite.Database, use: Use, log: Logger | undefined) {
    const database = withKeptStatements(connection)
    super({ database })
    this.#config = { database }
    this.#use = use
    this.#adapter = new SqliteAtHand(database, use, log)
  }

  override createDriver() {
    return new ImmediateSqliteDriver(this.#config, this.#use)
  }

  override createQueryCompiler() {
    return new SteadyQueryCompiler()
  }

  override createAdapter() {
    return this.#adapter
  }
}

/**
 * Hides the values of parameters from SQLite's planner. It looks at them, and so prepares a join anew whenever
 * one changes, which takes several times what most queries do; it could only choose another plan by the
 * statistics of `analyze`, which we do not keep. What a subquery comes to is not known beforehand.
 */
class SteadyQueryCompiler extends SqliteQueryCompiler {
  #inserts = false

  override compileQuery(node: RootOperationNode, queryId: QueryId) {
    this.#inserts = node.kind === 'InsertQueryNode'
    return super.compileQuery(node, queryId)
  }

  protected override getCurrentParameterPlaceholder() {
    // What is inserted needs no plan.
    return this.#inserts ? '?' : '(select ?)'
  }
}

/** What a connection is for: reads, or writes, which what is read next must see. */
export type Use = { for: 'reads' } | { for: 'writes'; snapshot: Snapshot }

/** How long a transaction waits for those of other processes, and how long before it asks again. */
const PATIENCE_MS = 10_000
const ASK_AGAIN_MS = 20

class ImmediateSqliteDriver extends SqliteDriver {
  readonly #use: Use

  constructor(config: SqliteDialectConfig, use: Use) {
    super(config)
    this.#use = use
  }

  override acquireConnection() {
    // One that is open keeps the log from being moved into the database.
    if (this.#use.for === 'writes') this.#use.snapshot.end()
    return super.acquireConnection()
  }

  override releaseConnection() {
    if (this.#use.for === 'writes') this.#use.snapshot.end()
    return super.releaseConnection()
  }

  override async beginTransaction(connection: DatabaseConnection) {
    const run = (statement: string) => connection.executeQuery(CompiledQuery.raw(statement))
    const end = performance.now() + PATIENCE_MS
    // SQLite's own waiting would stop this process and all that it serves.
    await run('pragma busy_timeout = 0')
    try {
      while (!(await begun(() => run('begin immediate'), end))) {
        await delay(ASK_AGAIN_MS * Math.random())
      }
    } finally {
      await run(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`)
    }
  }
}

async function begun(begin: () => Promise<unknown>, end: number): Promise<boolean> {
  try {
    await begin()
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_BUSY' || performance.now() >= end) throw error
    return false
  }
}

/** Knows the connection itself, for queries that have been compiled before. */
export class SqliteAtHand extends SqliteAdapter {
  readonly #database: SqliteDatabase
  readonly #use: Use
  readonly #log: Logger | undefined

  constructor(database: SqliteDatabase, use: Use, log: Logger | undefined) {
    super()
    this.#database = database
    this.#use = use
    this.#log = log
  }

  override get supportsTransactionalDdl() {
    return true
  }

  /** Whether queries may run at once: the caller's own transaction is the only one that can be open. */
  isFree = (db: { isTransaction: boolean }) => this.#use.for === 'reads' || db.isTransaction

  /**
   * Runs a compiled query at once. SQLite answers without waiting for anything; the promises on the way
   * through Kysely take as long as many queries do.
   */
  run<Row>(query: CompiledQuery<Row>, parameters: unknown[]): Row[] {
    void this.#log?.({ level: 'query', query: { ...query, parameters }, queryDurationMillis: 0 })
    const statement = this.#database.prepare(query.sql)
    if (statement.reader) return statement.all(parameters) as Row[]
    statement.run(parameters)
    return []
  }
}

/** For what is done outside transactions. */
const BUSY_TIMEOUT_MS = 1000
const KEPT_STATEMENTS = 500

/** Preparing costs as much as running a point lookup: each SQL text is prepared once. */
function withKeptStatements(database: SQLite.Database): SqliteDatabase {
  const statements = new Map<string, SQLite.Statement>()
  return {
    close: () => void database.close(),
    prepare(sql) {
      let statement = statements.get(sql)
      if (!statement) {
        if (statements.size === KEPT_STATEMENTS) statements.clear()
        statement = database.prepare(sql)
        statements.set(sql, statement)
      }
      // better-sqlite3 types a run's parameters as a rest, Kysely as one array: both are taken.
      return statement as unknown as SqliteStatement
    },
  }
}

/** Opens one connection with the settings that every connection needs to be safe. */
export function openSqlite(file: string): SQLite.Database {
  const database = new SQLite(file, { timeout: BUSY_TIMEOUT_MS })
  switchToWal(database)
  database.pragma('synchronous = FULL')
  // The process stands still while pages go from the log to the database: that is done an eighth as often.
  database.pragma('wal_autocheckpoint = 8000')
  // 64 MB of pages, read once: what a million invites take more than ten thousand is reading pages again.
  database.pragma('cache_size = -65536')
  // What a savepoint keeps to undo would go through a file: each write in a group commit has one.
  database.pragma('temp_store = MEMORY')
  database.pragma('foreign_keys = ON')
  database.pragma('trusted_schema = OFF')
  database.pragma('cell_size_check = ON')
  database.pragma('journal_size_limit = 67108864')
  return database
}

/** For a new file that takes it whole, and of processes that want it at once SQLite refuses one without waiting. */
function switchToWal(database: SQLite.Database) {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return database.pragma('journal_mode = WAL')
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY' || performance.now() >= end) throw error
    }
  }
}
