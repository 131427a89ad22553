/** The kinds of values that the configuration file holds, each checked in one place. */
import { z } from 'zod'

/** A number may come from the environment, as text. */
export const numeric = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value), schema)

/** `true` and `false` may come from the environment, as text. */
export const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())

/** Node's timers hold 31 bits; anything above would fire at once. */
export const milliseconds = numeric(z.int().min(1).max(2_147_483_647))

/** Longer than a timer can hold: these are compared, not waited for. */
export const duration = numeric(
  z
    .int()
    .min(1)
    .max(3_650 * 86_400_000),
)

/** Up to a century: beyond that, dates end. */
export const hours = numeric(z.number().positive().max(876_000))

export const dollars = numeric(z.number().min(0))
export const share = numeric(z.number().min(0).max(1))
/** How likely an error of the statistics may be. */
export const chance = numeric(z.number().gt(0).max(0.2))
/** Units of an experiment. */
export const units = numeric(z.int().min(1).max(10_000_000))
/** How many of something, none included. */
export const count = numeric(z.int().min(0))

/** Names appear in URLs, headers and `provider/model`, so they carry no separator. */
export const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')

export const secret = z
  .string()
  .min(1, 'must not be empty')
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')

export const httpUrl = z
  .string()
  .refine(isHttpUrl, 'must be an http:// or https:// URL without credentials, query or fragment')

/** What a browser sends as `Origin`: scheme and host, nothing behind them; `*` = any. */
export const origin = z
  .string()
  .refine(
    (text) => text === '*' || (isHttpUrl(text) && new URL(text).origin === text),
    'must be * or an origin such as https://app.example.com, without a path',
  )

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
}
