import type { TestApp } from '../kit/app.ts'
import { nodesOf } from './people.ts'

export interface Told {
  type: string
  status: string
  subjectId: string | null
  subjectIds: string[]
  failure: string | null
  fingerprint: string
  intent: Record<string, unknown>
  actor: { id: string } | null
}

export const ACTIVITIES = `query ($first: Int, $after: String, $filter: ActivityFilter) { organization {
  activities(first: $first, after: $after, filter: $filter) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { id type status subjectId subjectIds failure fingerprint intent createdAt
      actor { ... on ApiKey { id } ... on User { id } } } } } } }`

/** A page of an organization's activities. */
export const activities = async (app: TestApp, key: string, variables: object = { first: 100 }) =>
  (await app.call(ACTIVITIES, variables, { key })).data.organization.activities

/** The newest of them. */
export const newest = async (app: TestApp, key: string, filter: object = {}) =>
  nodesOf(await activities(app, key, { first: 100, filter })) as Told[]

/** How many stand in anybody's records. */
export const count = async ({ store }: TestApp) =>
  (await store.db.selectFrom('activities').select('id').execute()).length
