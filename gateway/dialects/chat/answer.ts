import { rawText, Raw, type JsonObject, type JsonTree } from '../json.ts'
import { child, objects, text, unknownMembers } from '../members.ts'
import type { Answer, Citation, Part, ReasoningPart, Stop, TextPart, ToolCallPart, Usage } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { readOpenAiUsage, writeOpenAiUsage } from '../usage.ts'
import { readAnnotations, readContent, readImage, readToolCalls } from './content-in.ts'
import { writeImage, writeToolCall } from './content-out.ts'
import { readReasoning, reasoningMembers, writeReasoning } from './reasoning.ts'

/** The envelope: ids, clocks and padding of this one transfer, which mean nothing in another. */
export const chatEnvelope: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'system_fingerprint',
  'obfuscation',
  'time_info',
  'x_groq',
  'usage_breakdown',
  'provider',
  'request_id',
  'error',
])
const messageMembers = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'annotations',
  'images',
  ...reasoningMembers,
])
const choiceMembers = new Set([
  'index',
  'message',
  'finish_reason',
  'native_finish_reason',
  'logprobs',
  'text',
  'stop_reason',
  'token_ids',
  'seed',
  'delta',
])

export function readChatAnswer(body: JsonObject, report: TranslationReport): Answer {
  report.dropAll(unknownMembers(body, chatEnvelope, ''))
  let parts: Part[] = []
  let finish: string | undefined
  for (const [choice, index] of objects(body, 'choices')) {
    const path = `choices[${index}]`
    if (index > 0) {
      report.drop(path)
      continue
    }
    report.dropAll(unknownMembers(choice, choiceMembers, path))
    finish = text(choice, 'finish_reason')
    parts = readMessage(choice, path, report)
  }
  const { created } = body
  const tier = text(body, 'service_tier')
  return {
    id: text(body, 'id') ?? '',
    model: text(body, 'model') ?? '',
    ...(typeof created === 'number' ? { created } : {}),
    parts,
    stop: toStop(
      finish,
      parts.some((part) => part.kind === 'tool-call'),
    ),
    usage: readOpenAiUsage(child(body, 'usage')),
    ...(tier === undefined ? {} : { serviceTier: tier }),
  }
}

function readMessage(choice: JsonObject, path: string, report: TranslationReport): Part[] {
  // The older completions endpoint has the text where the message would be.
  const message = child(choice, 'message') ?? { content: text(choice, 'text') ?? null }
  const place = `${path}.message`
  report.dropAll(unknownMembers(message, messageMembers, place))
  const content = readContent(message.content, `${place}.content`, report)
  const citations = readAnnotations(message, place, report)
  const logprobs = child(choice, 'logprobs')?.content
  const first = content.findIndex((part) => part.kind === 'text')
  const part = content[first]
  if (part?.kind === 'text') {
    content[first] = {
      ...part,
      ...(citations.length === 0 ? {} : { citations }),
      ...(Array.isArray(logprobs) ? { logprobs: rawText(logprobs) } : {}),
    }
  } else {
    report.dropAll(citations.map((citation) => citation.path))
  }
  const refusal = text(message, 'refusal')
  const refused: Part[] =
    refusal === undefined || refusal === '' ? [] : [{ kind: 'refusal', text: refusal, path: `${place}.refusal` }]
  const images = readImages(message, place, report)
  return [...readReasoning(message, place), ...content, ...images, ...refused, ...readToolCalls(message, place, report)]
}

function readImages(message: JsonObject, path: string, report: TranslationReport): Part[] {
  const images: Part[] = []
  for (const [stated, index] of objects(message, 'images')) {
    const image = readImage(stated, `${path}.images[${index}]`)
    if (image === undefined) report.drop(`${path}.images[${index}]`)
    else images.push(image)
  }
  return images
}

/** A forced call ends with `stop` at OpenAI: to a client of another dialect the calls are what counts. */
export function toStop(finish: string | undefined, called: boolean): Stop {
  const path = 'choices[0].finish_reason'
  // Compatible servers have words of their own: model_length, max_tokens, SAFETY.
  if (finish !== undefined && /length|max_tokens/i.test(finish)) return { reason: 'length', path }
  if (finish !== undefined && /filter|safety|refusal/i.test(finish)) return { reason: 'refusal', path }
  return { reason: called ? 'tool' : 'end', path }
}

export function toFinish(stop: Stop, report: TranslationReport): string {
  if (stop.sequence !== undefined) report.drop('stop_sequence')
  switch (stop.reason) {
    case 'tool':
      return 'tool_calls'
    case 'length':
    case 'window':
      return 'length'
    case 'refusal':
      return 'content_filter'
    case 'pause':
      report.drop(stop.path)
      return 'stop'
    default:
      return 'stop'
  }
}

export function writeChatAnswer(answer: Answer, report: TranslationReport): JsonTree {
  const message = new ChatMessage(report)
  for (const part of answer.parts) message.add(part)
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created ?? 0,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: message.write(),
        logprobs: message.logprobs,
        finish_reason: toFinish(answer.stop, report),
      },
    ],
    usage: answer.usage === undefined ? undefined : writeChatUsage(answer.usage),
    service_tier: answer.serviceTier,
  }
}

/** The one message of an answer, which has a place for each kind of part, and no order among them. */
class ChatMessage {
  logprobs: JsonTree = null
  private readonly report: TranslationReport
  private readonly reasoning: ReasoningPart[] = []
  private readonly calls: ToolCallPart[] = []
  private readonly citations: JsonTree[] = []
  private readonly images: JsonTree[] = []
  private content: string | undefined
  private refusal: string | undefined

  constructor(report: TranslationReport) {
    this.report = report
  }

  add(part: Part): void {
    switch (part.kind) {
      case 'text':
        this.addText(part)
        break
      case 'refusal':
        this.refusal = (this.refusal ?? '') + part.text
        break
      case 'reasoning':
        this.reasoning.push(part)
        break
      case 'tool-call':
        this.calls.push(part)
        break
      case 'image':
        this.images.push(writeImage(part.media, this.images.length))
        break
      default:
        this.report.drop(part.path)
    }
  }

  private addText({ text, citations = [], logprobs, path }: TextPart): void {
    if (this.calls.length > 0 && text !== '') this.report.drop(`${path}.position`)
    const before = this.content ?? ''
    this.content = before + text
    this.citations.push(...citations.map((citation) => writeAnnotation(citation, before.length, text.length)))
    if (logprobs !== undefined) this.logprobs = { content: new Raw(logprobs), refusal: null }
  }

  write(): JsonTree {
    const { calls, citations, images, refusal } = this
    return {
      role: 'assistant',
      content: this.content ?? (calls.length > 0 || refusal !== undefined ? null : ''),
      refusal: refusal ?? null,
      ...writeReasoning(this.reasoning),
      tool_calls: calls.length === 0 ? undefined : calls.map((call) => writeToolCall(call)),
      annotations: citations.length === 0 ? undefined : citations,
      images: images.length === 0 ? undefined : images,
    }
  }
}

export function writeChatUsage(usage: Usage): JsonTree {
  return writeOpenAiUsage(usage, { input: 'prompt', output: 'completion' })
}

/** Where another dialect cites for a whole block, the range is the block's. */
export function writeAnnotation(citation: Citation, offset: number, length: number): JsonTree {
  return {
    type: 'url_citation',
    url_citation: {
      url: citation.url,
      title: citation.title ?? '',
      start_index: offset + (citation.start ?? 0),
      end_index: offset + (citation.end ?? length),
      ...citation.extra,
    },
  }
}
