import { hash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { openSqlite } from '#db/sqlite.ts'
import { newId } from '#domain/ids.ts'
import type { Asked } from './work.ts'

// The limit that ratios divide by: the same answers, byte for byte, from the same database, written by hand
// and as fast as we could: no GraphQL, no key, no check of what is asked, no limit. A process of its own.

const database = openSqlite((process.env.DATABASE_URL ?? '').replace(/^file:/, ''))
// Hidden from the planner, which would prepare anew for each value: see `SteadyQueryCompiler`.
const steady = (sql: string) => sql.replace(/\?|@\w+/g, '(select $&)')
const prepare = (sql: string) => database.prepare<unknown[], never>(sql)
const json = JSON.stringify
const iso = (instant: number) => new Date(instant).toISOString()

interface Window {
  valid_from: number
  valid_to: number
  uses: number
  max_uses: number | null
  revoked_at: number | null
}

function statusOf({ valid_from, valid_to, uses, max_uses, revoked_at }: Window, now: number) {
  if (revoked_at !== null) return 'REVOKED'
  if (valid_to <= now) return 'EXPIRED'
  if (max_uses !== null && uses >= max_uses) return 'EXHAUSTED'
  return valid_from > now ? 'SCHEDULED' : 'PENDING'
}

const preview = database.prepare<[string], Window & { organization: string; name: string }>(
  steady(`select o.name as organization, i.name, valid_from, valid_to, uses, max_uses, revoked_at
   from invites i join organizations o on o.id = i.organization_id where token_hash = ?`),
)

function point({ token }: Record<string, unknown>): string {
  const row = preview.get(hash('sha256', String(token)))
  if (!row) return '{"data":{"invitationPreview":null}}'
  return `{"data":{"invitationPreview":{"organizationName":${json(row.organization)},"name":${json(row.name)},"expiresAt":"${iso(row.valid_to)}","status":"${statusOf(row, Date.now())}"}}}`
}

// A statement a level: SQLite building the whole JSON in one takes twice as long, and so does one a portal.
const organizationName = database
  .prepare<unknown[], string>(steady('select name from organizations where id = ?'))
  .pluck()
const integrations = database
  .prepare<unknown[], [string, string]>(
    steady('select id, name from integrations where organization_id = ? order by id limit 10'),
  )
  .raw()
const portals = database
  .prepare<unknown[], [string, string]>(
    steady('select id, name from portals where integration_id = ? order by id limit 10'),
  )
  .raw()
const inviteIds = database
  .prepare<unknown[], string>(
    steady(`select (select json_group_array(invite_id) from (
       select invite_id from invite_portals where portal_id = portal.value order by invite_id desc limit 5
     )) from json_each(?) portal`),
  )
  .pluck()
type InviteRow = [string, string, number, number, number, number | null, number | null]
const invites = database
  .prepare<unknown[], InviteRow>(
    steady(`select id, name, valid_from, valid_to, uses, max_uses, revoked_at from invites
     where id in (select value from json_each(?))`),
  )
  .raw()

const edges = (nodes: string[]) => `{"edges":[${nodes.map((node) => `{"node":${node}}`).join(',')}]}`

function nested({ id }: Record<string, unknown>): string {
  const now = Date.now()
  const places = integrations
    .all(id)
    .map((integration) => ({ integration, doors: portals.all(integration[0]) }))
  const lists = inviteIds.all(json(places.flatMap(({ doors }) => doors.map(([door]) => door)))).map(parseIds)
  const texts = new Map<string, string>()
  for (const [invite, name, valid_from, valid_to, uses, max_uses, revoked_at] of invites.all(
    json([...new Set(lists.flat())]),
  )) {
    const status = statusOf({ valid_from, valid_to, uses, max_uses, revoked_at }, now)
    texts.set(
      invite,
      `{"id":"${invite}","name":${json(name)},"status":"${status}","validTo":"${iso(valid_to)}"}`,
    )
  }
  let list = 0
  const tree = places.map(({ integration: [place, name], doors }) => {
    const nodes = doors.map(([door, name]) => {
      const open = edges((lists[list++] ?? []).map((invite) => texts.get(invite) ?? ''))
      return `{"id":"${door}","name":${json(name)},"invites":${open}}`
    })
    return `{"id":"${place}","name":${json(name)},"portals":${edges(nodes)}}`
  })
  return `{"data":{"organization":{"id":"${id}","name":${json(organizationName.get(id))},"integrations":${edges(tree)}}}}`
}

const parseIds = (text: string): string[] => JSON.parse(text)

type PageRow = [string, string, number, number, number, number | null, number | null, string]
const page = database
  .prepare<unknown[], PageRow>(
    steady(`select id, name, valid_from, valid_to, uses, max_uses, revoked_at, integration_id from invites
     where organization_id = ? and id < ? order by id desc limit 51`),
  )
  .raw()
const doors = database
  .prepare<unknown[], [string, string, string]>(
    steady(`select invite_id, portals.id, name from invite_portals join portals on portals.id = portal_id
     where invite_id in (select value from json_each(?)) order by invite_id desc, position`),
  )
  .raw()
const integrationName = database
  .prepare<unknown[], string>('select name from integrations where id = ?')
  .pluck()
const cursorOf = (id: string) => Buffer.from(`["${id}"]`).toString('base64url')

function list({ id, after }: Record<string, unknown>): string {
  const now = Date.now()
  const before = after ? JSON.parse(Buffer.from(String(after), 'base64url').toString())[0] : '~'
  const rows = page.all(id, before)
  const more = rows.length > 50
  if (more) rows.pop()
  const links = doors.all(json(rows.map(([invite]) => invite)))
  const names = new Map<string, string>()
  let text = `{"data":{"organization":{"id":"${id}","invites":{"edges":[`
  let comma = ''
  let cursor = ''
  let link = 0
  for (const [invite, name, valid_from, valid_to, uses, max_uses, revoked_at, integration] of rows) {
    cursor = cursorOf(invite)
    let integrationJson = names.get(integration)
    if (!integrationJson) {
      integrationJson = json(integrationName.get(integration))
      names.set(integration, integrationJson)
    }
    const status = statusOf({ valid_from, valid_to, uses, max_uses, revoked_at }, now)
    text += `${comma}{"cursor":"${cursor}","node":{"id":"${invite}","name":${json(name)},"status":"${status}","integration":{"name":${integrationJson}},"portals":[`
    comma = ''
    for (let door = links[link]; door?.[0] === invite; door = links[++link]) {
      text += `${comma}{"id":"${door[1]}","name":${json(door[2])}}`
      comma = ','
    }
    text += ']}}'
    comma = ','
  }
  return `${text}],"pageInfo":{"hasNextPage":${more},"endCursor":${cursor ? `"${cursor}"` : null}}}}}}`
}

const begin = prepare('begin immediate')
const commit = prepare('commit')
// One statement finds what is asked for: no row, no integration with these portals.
const place = database
  .prepare<unknown[], string>(
    steady(`select g.organization_id from integrations g
     join portals a on a.id = ? and a.integration_id = g.id join portals b on b.id = ? and b.integration_id = g.id
     where g.id = ?`),
  )
  .pluck()
const key = prepare(`insert into idempotency_keys (organization_id, key, fingerprint, result_id, created_at)
  values (?, ?, ?, ?, ?)`)
const invite =
  prepare(`insert into invites (id, organization_id, integration_id, name, name_key, token_hash, valid_from,
  valid_to, max_uses, uses, messages, created_by, created_at, updated_at, revoked_at, due_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, null, 0, '[]', ?, ?, ?, null, ?)`)
const portal = prepare(
  'insert into invite_portals (invite_id, position, portal_id) values (?, 0, ?), (?, 1, ?)',
)
const activity =
  prepare(`insert into activities (id, organization_id, actor_id, type, status, intent, subject_id, failure,
  fingerprint, created_at) values (?, ?, ?, 'CREATE_INVITE', 'COMPLETED', ?, ?, null, ?, ?)`)
const sequence = database
  .prepare<unknown[], number>(
    'update organizations set last_sequence = last_sequence + 1 where id = ? returning last_sequence',
  )
  .pluck()
const event = prepare(`insert into invitation_events (organization_id, sequence, type, invitation_id, status,
  previous_status, occurred_at) values (?, ?, ?, ?, ?, null, ?)`)

interface CreateInput {
  integrationId: string
  portalIds: [string, string]
  name: string
  validTo: string
  idempotencyKey: string
}

function write({ input }: Record<string, unknown>): string {
  const { idempotencyKey, ...intent } = input as CreateInput
  const { integrationId, portalIds, name, validTo } = intent
  const now = Date.now()
  const organization = place.get(...portalIds, integrationId)
  if (!organization) return '{"errors":[{"message":"There is no such integration."}]}'
  const id = newId('Invite')
  const token = `lk_invite_${randomBytes(32).toString('base64url')}`
  const wish = json(intent)
  const fingerprint = hash('sha256', wish)
  const end = Date.parse(validTo)
  invite.run(
    id,
    organization,
    integrationId,
    name,
    name.trim().toLowerCase(),
    hash('sha256', token),
    now,
    end,
    ACTOR,
    now,
    now,
    end,
  )
  portal.run(id, portalIds[0], id, portalIds[1])
  key.run(organization, idempotencyKey, fingerprint, id, now)
  activity.run(newId('Activity'), organization, ACTOR, wish, id, fingerprint, now)
  event.run(organization, sequence.get(organization), 'CREATED', id, 'PENDING', now)
  return `{"data":{"createInvite":{"invite":{"id":"${id}"},"token":"${token}","inviteUrl":"${process.env.PUBLIC_URL}/invite/${token}","replayed":false}}}`
}

const ACTOR = newId('ApiKey')

/** One commit for all that has come while the one before was on its way to the disk. */
const waiting: (() => void)[] = []

function writeTogether(variables: Record<string, unknown>, answer: (text: string) => void) {
  if (waiting.length === 0) setImmediate(commitAll)
  waiting.push(() => {
    const text = write(variables)
    answers.push(() => answer(text))
  })
}

const answers: (() => void)[] = []

function commitAll() {
  begin.run()
  for (const work of waiting.splice(0)) work()
  commit.run()
  for (const answer of answers.splice(0)) answer()
}

const sockets: Socket[] = []
const revoke = database.prepare<unknown[], { name: string; valid_to: number; organization_id: string }>(
  'update invites set revoked_at = ?, updated_at = ?, due_at = null where id = ? returning *',
)

/** One frame for all: only writing it is left to each socket. */
function publish({ input }: Record<string, unknown>): string {
  const { id } = input as { id: string }
  const now = Date.now()
  begin.run()
  const row = revoke.get(now, now, id)
  if (!row) throw new Error(`There is no invite ${id}.`)
  const number = sequence.get(row.organization_id)
  event.run(row.organization_id, number, 'REVOKED', id, 'REVOKED', now)
  commit.run()
  const message = Buffer.from(
    `{"id":"00000000-0000-0000-0000-000000000000","type":"next","payload":{"data":{"invitationEvents":{"sequence":${number},"type":"REVOKED","status":"REVOKED","invitation":{"id":"${id}","name":${json(row.name)},"validTo":"${iso(row.valid_to)}"}}}}}`,
  )
  const frame = Buffer.concat([Buffer.from([0x81, 126, message.length >> 8, message.length & 255]), message])
  for (const socket of sockets) socket.write(frame)
  return `{"data":{"revokeInvite":{"invite":{"id":"${id}","status":"REVOKED"}}}}`
}

const works: Record<string, (variables: Record<string, unknown>) => string> = {
  P: point,
  N: nested,
  L: list,
  R: publish,
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  const send = (text: string) => {
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    }
    response.writeHead(200, headers)
    response.end(text)
  }
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    const { operationName, variables } = JSON.parse(String(body)) as Asked
    if (operationName === 'W') writeTogether(variables, send)
    else send(works[operationName]?.(variables) ?? '{}')
  })
})

new WebSocketServer({
  server,
  perMessageDeflate: false,
  handleProtocols: () => 'graphql-transport-ws',
}).on('connection', (socket, { socket: wire }) => {
  socket.on('message', (data) => {
    const { type } = JSON.parse(String(data))
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
    if (type === 'subscribe') sockets.push(wire)
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1', 8192)
