import type { ColumnDefinitionBuilder, CreateTableBuilder, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const required = (column: ColumnDefinitionBuilder) => column.notNull()
const identity = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull()
const counter = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0)
const first = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(1)
const toOrganization = (column: ColumnDefinitionBuilder) => column.notNull().references('organizations.id')

/** Who is invited to become a member, by mail or by a link for many, and what was mailed to them. */
export const people: Migration = {
  async up(db: Kysely<unknown>) {
    await histories(db)
    await memberInvitations(db)
    await joinLinks(db)
    await links(db)
    await mails(db)
  },
}

async function histories(db: Kysely<unknown>) {
  await db.schema.alterTable('invitation_events').addColumn('actor_id', 'text').execute()
  await db.schema
    .createIndex('invitation_events_invitation')
    .on('invitation_events')
    .columns(['invitation_id', 'occurred_at', 'sequence'])
    .execute()
  for (const table of ['invites', 'guest_invitations']) {
    await db.schema.alterTable(table).addColumn('version', 'bigint', first).execute()
    await db.schema.alterTable(table).addColumn('previewed_at', 'bigint').execute()
  }
  await db.schema.alterTable('guest_invitations').addColumn('locale', 'text').execute()
  await db.schema.alterTable('guest_invitations').addColumn('message', 'text').execute()
  await db.schema
    .createIndex('guest_invitations_accepted')
    .on('guest_invitations')
    .columns(['organization_id', 'email_key'])
    .where('accepted_at' as never, 'is not', null)
    .execute()
  await db.schema.alterTable('organizations').addColumn('color', 'text').execute()
  await db.schema.alterTable('organizations').addColumn('version', 'bigint', first).execute()
  await db.schema.alterTable('memberships').addColumn('version', 'bigint', first).execute()
  await db.schema.alterTable('memberships').addColumn('invitation_id', 'text').execute()
  await db.schema.alterTable('activities').addColumn('subject_ids', 'text').execute()
}

async function memberInvitations(db: Kysely<unknown>) {
  await invitation(db.schema.createTable('member_invitations'))
    .addColumn('email', 'text', required)
    .addColumn('email_key', 'text', required)
    .addColumn('name', 'text')
    .addColumn('name_key', 'text')
    .addColumn('tags', 'text', required)
    .addColumn('role', 'text', required)
    .addColumn('access_type', 'text', required)
    .addColumn('locale', 'text')
    .addColumn('message', 'text')
    .addColumn('first_sent_at', 'bigint', required)
    .addColumn('last_sent_at', 'bigint', required)
    .addColumn('expires_at', 'bigint', required)
    .addColumn('accepted_at', 'bigint')
    .addColumn('declined_at', 'bigint')
    .addColumn('user_id', 'text', (column) => column.references('users.id'))
    .addColumn('closed', 'integer', counter)
    .execute()
  await db.schema
    .createIndex('member_invitations_organization')
    .on('member_invitations')
    .columns(['organization_id', 'id'])
    .execute()
  await db.schema
    .createIndex('member_invitations_open')
    .on('member_invitations')
    .columns(['organization_id', 'email_key'])
    .unique()
    .where('closed' as never, '=', 0)
    .execute()
  await db.schema
    .createIndex('member_invitations_email')
    .on('member_invitations')
    .columns(['email_key', 'id'])
    .execute()
  await dueIndex(db, 'member_invitations')
}

async function joinLinks(db: Kysely<unknown>) {
  await invitation(db.schema.createTable('join_links'))
    .addColumn('role', 'text', required)
    .addColumn('expires_at', 'bigint')
    .addColumn('max_uses', 'bigint')
    .addColumn('uses', 'bigint', counter)
    .execute()
  await db.schema
    .createIndex('join_links_organization')
    .on('join_links')
    .columns(['organization_id', 'id'])
    .execute()
  await db.schema
    .createIndex('join_links_role')
    .on('join_links')
    .columns(['organization_id', 'role'])
    .unique()
    .where('revoked_at' as never, 'is', null)
    .execute()
  await dueIndex(db, 'join_links')
}

async function links(db: Kysely<unknown>) {
  await db.schema
    .createTable('invitation_links')
    .addColumn('token_hash', 'text', identity)
    .addColumn('invitation_id', 'text', required)
    .addColumn('mailed', 'integer', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('invitation_links_invitation')
    .on('invitation_links')
    .column('invitation_id')
    .execute()
}

async function mails(db: Kysely<unknown>) {
  await db.schema
    .createTable('mails')
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('invitation_id', 'text')
    .addColumn('user_id', 'text', (column) => column.references('users.id'))
    .addColumn('actor_id', 'text')
    .addColumn('template', 'text', required)
    .addColumn('locale', 'text')
    .addColumn('email', 'text', required)
    .addColumn('email_key', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('attempts', 'integer', counter)
    .addColumn('due_at', 'bigint')
    .addColumn('claimed_at', 'bigint')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('sent_at', 'bigint')
    .addColumn('failed_at', 'bigint')
    .execute()
  await dueIndex(db, 'mails')
  for (const column of ['email_key', 'organization_id', 'actor_id'] as const) {
    await db.schema.createIndex(`mails_${column}`).on('mails').columns([column, 'created_at']).execute()
  }
  await db.schema.createIndex('mails_sent').on('mails').columns(['email_key', 'state', 'sent_at']).execute()
  await db.schema.createIndex('mails_invitation').on('mails').columns(['invitation_id', 'id']).execute()
  await db.schema.createIndex('mails_user').on('mails').columns(['user_id', 'template']).execute()
}

const invitation = (table: CreateTableBuilder<string>) =>
  table
    .addColumn('id', 'text', identity)
    .addColumn('organization_id', 'text', toOrganization)
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_by', 'text')
    .addColumn('granted_by', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('revoked_at', 'bigint')
    .addColumn('due_at', 'bigint')
    .addColumn('version', 'bigint', first)
    .addColumn('previewed_at', 'bigint')

const dueIndex = (db: Kysely<unknown>, table: string) =>
  db.schema
    .createIndex(`${table}_due`)
    .on(table)
    .column('due_at')
    .where('due_at' as never, 'is not', null)
    .execute()
