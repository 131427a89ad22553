/** What a request asked for, read from its body: for those who have the body at hand. Pure. */
import type { ProviderWire } from '../../../db/words/wire.ts'
import { readRequest } from '../exchanges/reading.ts'
import { asArray, asObject, asText } from '../json/json.ts'
import type { AskedTexts } from './examine.ts'
import { readExpectations, type Expectations } from './expectations.ts'

export function readAsked(wire: ProviderWire, body: unknown): Expectations & AskedTexts {
  if (wire === 'google') return { ...readExpectations(body), ...readGoogleTexts(body) }
  const reading = readRequest(wire, body)
  return {
    ...readExpectations(body),
    system: reading?.system ?? null,
    latest: reading?.latest ?? reading?.user ?? null,
  }
}

function readGoogleTexts(body: unknown): AskedTexts {
  const request = asObject(body)
  const last = asObject(asArray(request?.contents).at(-1))
  return {
    system: readParts(asObject(request?.systemInstruction ?? request?.system_instruction)?.parts),
    latest: last?.role === 'model' ? null : readParts(last?.parts),
  }
}

function readParts(parts: unknown): string | null {
  const texts = asArray(parts).map((part) => asText(asObject(part)?.text) ?? '')
  return texts.length === 0 ? null : texts.join('\n')
}
