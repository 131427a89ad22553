/** What learning needs of a request's body, read once by the shipper and again only by a reanalysis. Pure. */
import type { RequestReading } from '../../../db/words/exchange.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { toMinedPrompt } from '../mining/request.ts'
import { readLatestUserText } from '../outcomes/asked-again.ts'
import { fingerprintTexts } from '../patterns/fingerprint.ts'
import { readPrompt } from './prompt.ts'

/** Longer messages are no question that somebody asks again. */
const maxLatestCharacters = 65_536

/** `null` = there is no prompt in it. */
export function readRequest(wire: Wire | null, body: unknown): RequestReading | null {
  if (wire === null || body === null) return null
  const { structure, system, user } = toMinedPrompt(body, readPrompt(wire, body))
  const latest = readLatestUserText(body)
  const bounded = latest !== null && latest.length <= maxLatestCharacters ? latest : null
  if (system === null && user === null && bounded === null) return null
  return { structure, system, user, latest: bounded }
}

/** Names the opening of a prompt; `null` = there is no text to go by. */
export function toOpeningHash(reading: RequestReading | null): string | null {
  return (reading && fingerprintTexts(reading.system, reading.user)?.hash) ?? null
}
