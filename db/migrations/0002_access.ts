import type { ColumnDefinitionBuilder, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const required = (column: ColumnDefinitionBuilder) => column.notNull()
const identity = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull()
const toOrganization = (column: ColumnDefinitionBuilder) => column.notNull().references('organizations.id')

/** Who acts: people, what keys may do, which organizations are connected, and what was done. */
export const access: Migration = {
  async up(db: Kysely<unknown>) {
    await people(db)
    await keys(db)
    await connections(db)
    await activities(db)
    await rateLimits(db)
  },
}

async function people(db: Kysely<unknown>) {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', identity)
    .addColumn('issuer', 'text', required)
    .addColumn('subject', 'text', required)
    .addColumn('email', 'text')
    .addColumn('email_key', 'text')
    .addColumn('name', 'text')
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('users_identity', ['issuer', 'subject'])
    .execute()
  await db.schema.createIndex('users_email').on('users').column('email_key').execute()

  await db.schema
    .createTable('memberships')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('role', 'text', required)
    .addColumn('access_type', 'text', required)
    .addColumn('tags', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('removed_at', 'bigint')
    .addUniqueConstraint('memberships_person', ['user_id', 'organization_id'])
    .execute()
  await db.schema
    .createIndex('memberships_organization')
    .on('memberships')
    .columns(['organization_id', 'id'])
    .execute()
}

async function keys(db: Kysely<unknown>) {
  const add = (name: string, type: 'text' | 'bigint') =>
    db.schema.alterTable('api_keys').addColumn(name, type).execute()
  await add('last_four', 'text')
  await add('public_key', 'text')
  await add('scopes', 'text')
  await add('created_by', 'text')
  await add('last_used_at', 'bigint')
}

async function connections(db: Kysely<unknown>) {
  const table = () => db.schema.alterTable('organization_connections')
  const nothing = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo('[]')
  await table().addColumn('accepted_at', 'bigint').execute()
  await table().addColumn('host_allows', 'text', nothing).execute()
  await table().addColumn('guest_allows', 'text', nothing).execute()
  await db.schema
    .createIndex('organization_connections_guest')
    .on('organization_connections')
    .columns(['guest_id', 'host_id'])
    .execute()
}

async function activities(db: Kysely<unknown>) {
  await db.schema
    .createTable('activities')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('actor_id', 'text')
    .addColumn('type', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('intent', 'text', required)
    .addColumn('subject_id', 'text')
    .addColumn('failure', 'text')
    .addColumn('fingerprint', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .execute()
  await db.schema
    .createIndex('activities_organization')
    .on('activities')
    .columns(['organization_id', 'id'])
    .execute()
}

/** As `rate-limiter-flexible` wants it, in every dialect. `expire` is when the window of the key ends. */
async function rateLimits(db: Kysely<unknown>) {
  await db.schema
    .createTable('rate_limits')
    .addColumn('key', 'text', identity)
    .addColumn('points', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('expire', 'bigint')
    .execute()
}
