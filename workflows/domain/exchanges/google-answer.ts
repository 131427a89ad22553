/** Answers of Gemini's generateContent: whole, or as the chunks of a stream. Pure. */
import type { Usage } from '../../../db/words/exchange.ts'
import type { AnswerParts, ToolCall } from './answer-parts.ts'
import { asArray, asCount, asObject, asText, type JsonObject } from '../json/json.ts'

/** Ends that say that the model or its provider declined. */
const declines = /SAFETY|RECITATION|BLOCKLIST|PROHIBITED|SPII|MODEL_ARMOR/

export function readGoogleAnswer(body: unknown): AnswerParts {
  return readGoogleChunks(Array.isArray(body) ? body : [body])
}

export function readGoogleChunks(events: unknown[]): AnswerParts {
  const said: AnswerParts = { content: '', toolCalls: [], stopReason: null, declined: false, usage: null, id: null }
  for (const event of events) addChunk(said, asObject(event))
  said.declined ||= declines.test(said.stopReason ?? '')
  return said
}

function addChunk(said: AnswerParts, chunk: JsonObject | null): void {
  const candidate = asObject(asArray(chunk?.candidates)[0])
  for (const part of asArray(asObject(candidate?.content)?.parts).map(asObject)) addPart(said, part)
  const blocked = asText(asObject(chunk?.promptFeedback)?.blockReason)
  said.declined ||= blocked !== null
  said.stopReason = asText(candidate?.finishReason) ?? blocked ?? said.stopReason
  said.id ??= asText(chunk?.responseId)
  said.usage = readGoogleUsage(asObject(chunk?.usageMetadata)) ?? said.usage
}

/** What it thinks is no part of its answer. */
function addPart(said: AnswerParts, part: JsonObject | null): void {
  if (part === null || part.thought === true) return
  said.content += asText(part.text) ?? ''
  const call = asObject(part.functionCall)
  if (call !== null) said.toolCalls.push(toToolCall(call))
  if (asObject(part.inlineData) !== null || asObject(part.fileData) !== null) said.hasMedia = true
}

function toToolCall(call: JsonObject): ToolCall {
  return { name: asText(call.name) ?? '', arguments: call.args === undefined ? '' : JSON.stringify(call.args) }
}

/** Thoughts are counted beside the candidates; both are paid for. */
function readGoogleUsage(usage: JsonObject | null): Usage | null {
  if (usage === null) return null
  const thoughts = asCount(usage.thoughtsTokenCount)
  const output = asCount(usage.candidatesTokenCount)
  return {
    inputTokens: asCount(usage.promptTokenCount),
    outputTokens: output === null && thoughts === null ? null : (output ?? 0) + (thoughts ?? 0),
    cachedInputTokens: asCount(usage.cachedContentTokenCount),
    reasoningTokens: thoughts,
  }
}
