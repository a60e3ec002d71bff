import type { ColumnDefinitionBuilder, CreateTableBuilder, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const required = (column: ColumnDefinitionBuilder) => column.notNull()
const identity = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull()
const counter = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0)
const toOrganization = (column: ColumnDefinitionBuilder) => column.notNull().references('organizations.id')

/** Organizations, their doors and keys, both kinds of invitation, and the log. */
export const core: Migration = {
  async up(db: Kysely<unknown>) {
    await organizations(db)
    await doors(db)
    await invites(db)
    await guestInvitations(db)
    await log(db)
  },
}

async function organizations(db: Kysely<unknown>) {
  await db.schema
    .createTable('organizations')
    .addColumn('id', 'text', identity)
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', required)
    .addColumn('parent_id', 'text', (column) => column.references('organizations.id'))
    .addColumn('default_validity', 'bigint', required)
    .addColumn('last_sequence', 'bigint', counter)
    .addColumn('created_at', 'bigint', required)
    .execute()
  // Roots may share a name: strangers must not learn of each other by a conflict.
  await db.schema
    .createIndex('organizations_name')
    .on('organizations')
    .columns(['parent_id', 'name_key'])
    .unique()
    .where('parent_id' as never, 'is not', null)
    .execute()
  await db.schema.createIndex('organizations_root_name').on('organizations').column('name_key').execute()

  await db.schema
    .createTable('api_keys')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('name', 'text')
    .addColumn('prefix', 'text', required)
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', required)
    .addColumn('demo', 'integer', counter)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('api_keys_organization')
    .on('api_keys')
    .columns(['organization_id', 'id'])
    .execute()

  await db.schema
    .createTable('organization_connections')
    .addColumn('id', 'text', identity)
    .addColumn('host_id', 'text', toOrganization)
    .addColumn('guest_id', 'text', toOrganization)
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('organization_connections_pair', ['host_id', 'guest_id'])
    .execute()
}

async function doors(db: Kysely<unknown>) {
  await db.schema
    .createTable('integrations')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('integrations_name', ['organization_id', 'name_key'])
    .execute()
  await db.schema
    .createIndex('integrations_organization')
    .on('integrations')
    .columns(['organization_id', 'id'])
    .execute()

  await db.schema
    .createTable('portals')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('integration_id', 'text', (column) => column.notNull().references('integrations.id'))
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('portals_name', ['integration_id', 'name_key'])
    .execute()
  await db.schema.createIndex('portals_integration').on('portals').columns(['integration_id', 'id']).execute()
}

async function invites(db: Kysely<unknown>) {
  await invitation(db.schema.createTable('invites'))
    .addColumn('integration_id', 'text', (column) => column.notNull().references('integrations.id'))
    .addColumn('name', 'text')
    .addColumn('name_key', 'text')
    .addColumn('valid_from', 'bigint', required)
    .addColumn('valid_to', 'bigint')
    .addColumn('max_uses', 'bigint')
    .addColumn('uses', 'bigint', counter)
    .addColumn('messages', 'text', required)
    .execute()
  await db.schema
    .createIndex('invites_organization')
    .on('invites')
    .columns(['organization_id', 'id'])
    .execute()
  await db.schema.createIndex('invites_integration').on('invites').columns(['integration_id', 'id']).execute()
  await dueIndex(db, 'invites')

  await db.schema
    .createTable('invite_portals')
    .addColumn('invite_id', 'text', (column) => column.notNull().references('invites.id'))
    .addColumn('position', 'integer', required)
    .addColumn('portal_id', 'text', (column) => column.notNull().references('portals.id'))
    .addPrimaryKeyConstraint('invite_portals_pk', ['invite_id', 'position'])
    .execute()
  await db.schema
    .createIndex('invite_portals_portal')
    .on('invite_portals')
    .columns(['portal_id', 'invite_id'])
    .unique()
    .execute()

  await db.schema
    .createTable('access_grants')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('invite_id', 'text', (column) => column.notNull().references('invites.id'))
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('guest_name', 'text')
    .addColumn('created_at', 'bigint', required)
    .execute()
  await db.schema
    .createIndex('access_grants_invite')
    .on('access_grants')
    .columns(['invite_id', 'id'])
    .execute()

  await db.schema
    .createTable('portal_openings')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('portal_id', 'text', (column) => column.notNull().references('portals.id'))
    .addColumn('grant_id', 'text', (column) => column.notNull().references('access_grants.id'))
    .addColumn('allowed', 'integer', required)
    .addColumn('refusal', 'text')
    .addColumn('at', 'bigint', required)
    .execute()
  await db.schema
    .createIndex('portal_openings_portal')
    .on('portal_openings')
    .columns(['portal_id', 'id'])
    .execute()
}

async function guestInvitations(db: Kysely<unknown>) {
  await invitation(db.schema.createTable('guest_invitations'))
    .addColumn('parent_organization_id', 'text', (column) => column.references('organizations.id'))
    .addColumn('email', 'text', required)
    .addColumn('email_key', 'text', required)
    .addColumn('first_sent_at', 'bigint', required)
    .addColumn('last_sent_at', 'bigint', required)
    .addColumn('expires_at', 'bigint', required)
    .addColumn('accepted_at', 'bigint')
    .addColumn('accepted_via', 'text')
    .addColumn('guest_organization_id', 'text', (column) => column.references('organizations.id'))
    .addColumn('archived_at', 'bigint')
    .addColumn('closed', 'integer', counter)
    .execute()
  await db.schema
    .createIndex('guest_invitations_organization')
    .on('guest_invitations')
    .columns(['organization_id', 'id'])
    .execute()
  await db.schema
    .createIndex('guest_invitations_open')
    .on('guest_invitations')
    .columns(['organization_id', 'email_key'])
    .unique()
    .where('closed' as never, '=', 0)
    .execute()
  await dueIndex(db, 'guest_invitations')
}

async function log(db: Kysely<unknown>) {
  await db.schema
    .createTable('invitation_events')
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('sequence', 'bigint', required)
    .addColumn('type', 'text', required)
    .addColumn('invitation_id', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('previous_status', 'text')
    .addColumn('occurred_at', 'bigint', required)
    .addPrimaryKeyConstraint('invitation_events_pk', ['organization_id', 'sequence'])
    .execute()

  await db.schema
    .createTable('idempotency_keys')
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('key', 'text', required)
    .addColumn('fingerprint', 'text', required)
    .addColumn('result_id', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addPrimaryKeyConstraint('idempotency_keys_pk', ['organization_id', 'key'])
    .execute()
  await db.schema.createIndex('idempotency_keys_age').on('idempotency_keys').column('created_at').execute()
}

const invitation = (table: CreateTableBuilder<string>) =>
  table
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_by', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('revoked_at', 'bigint')
    .addColumn('due_at', 'bigint')

const dueIndex = (db: Kysely<unknown>, table: string) =>
  db.schema
    .createIndex(`${table}_due`)
    .on(table)
    .column('due_at')
    .where('due_at' as never, 'is not', null)
    .execute()
