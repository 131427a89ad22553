/** Inputs that procedures share. Strict: a field nobody knows is an error that names it. */
import { z } from 'zod'

/** Any UUID in lower case, as Sinew writes them; upper case is taken too. */
export const id = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, 'must be an id (a UUID)')
  .transform((text) => text.toLowerCase())

export const byId = z.strictObject({ id })

export const page = {
  limit: z.int().min(1).max(200).default(50),
  cursor: id.nullish().transform((text) => text ?? null),
}

export const time = z.iso
  .datetime({ offset: true, message: 'must be an ISO 8601 time such as 2026-01-31T09:00:00Z' })
  .transform((text) => new Date(text).toISOString())

export const status = z.enum(['ok', 'error', 'cancelled', 'truncated', 'unknown'])

export const filters = {
  model: z.string().min(1).max(300).optional(),
  provider: z.string().min(1).max(100).optional(),
  patternId: id.optional(),
  sessionId: id.optional(),
  status: status.optional(),
  team: z.string().min(1).max(100).optional(),
  key: z.string().min(1).max(100).optional(),
  endpoint: z.string().min(1).max(200).optional(),
  outcome: z.enum(['success', 'failure', 'none']).optional(),
  reason: z.string().min(1).max(100).optional(),
  arm: z.enum(['control', 'treatment']).optional(),
  experimentId: id.optional(),
  text: z.string().min(2, 'must have 2 characters at least').max(200).optional(),
}

export const reason = z.string().trim().max(2_000)
