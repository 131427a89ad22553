/** `providers` of the configuration file, as it is written. */
import { z } from 'zod'
import type { Timeouts } from '../words/provider.ts'
import { knownKinds } from './provider-kinds.ts'
import { httpUrl, milliseconds, name, secret } from './values.ts'

export const defaultTimeouts: Timeouts = { connectMs: 10_000, firstByteMs: 600_000, idleMs: 120_000 }

/** Headers that the gateway writes itself, or takes from `apiKey`. */
const ownHeaders = /^(host|content-length|connection|transfer-encoding|authorization|x-api-key)$/i
const headers = z.record(
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be a header name')
    .refine((text) => !ownHeaders.test(text), 'is written by the gateway itself'),
  z.string().regex(/^[\x20-\x7e]*$/, 'must be printable ASCII'),
)

export const provider = z.strictObject({
  name,
  kind: z
    .enum(
      knownKinds.map((kind) => kind.name),
      `must be one of ${knownKinds.map((kind) => kind.name).join(', ')}`,
    )
    .nullish(),
  dialect: z.enum(['openai', 'anthropic']).nullish(),
  wires: z
    .array(z.enum(['chat', 'responses', 'messages', 'google']))
    .min(1)
    .nullish(),
  baseUrl: httpUrl.nullish(),
  apiKey: secret.nullish(),
  headers: headers.nullish(),
  streamUsage: z.boolean().nullish(),
  apiVersion: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/, 'must be a version such as 2024-10-21')
    .nullish(),
  models: z.array(z.string().min(1)).default([]),
  timeouts: z
    .strictObject({
      connectMs: milliseconds.default(defaultTimeouts.connectMs),
      firstByteMs: milliseconds.default(defaultTimeouts.firstByteMs),
      idleMs: milliseconds.default(defaultTimeouts.idleMs),
    })
    .default(defaultTimeouts),
})
