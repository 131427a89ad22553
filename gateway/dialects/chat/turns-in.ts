import type { JsonObject } from '../json.ts'
import { text, unknownMembers } from '../members.ts'
import type { Part, Turn } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { oldCallId, readContent, readToolCalls } from './content-in.ts'
import { readReasoning, reasoningMembers } from './reasoning.ts'

interface Role {
  readonly role: Turn['role']
  /** What a message of this role may say beside its content. */
  readonly members: ReadonlySet<string>
  readonly readParts: (message: JsonObject, content: Part[], path: string, report: TranslationReport) => readonly Part[]
}

function toRole(role: Turn['role'], members: readonly string[], readParts: Role['readParts']): Role {
  return { role, members: new Set(['role', 'content', 'cache_control', ...members]), readParts }
}

const roles: ReadonlyMap<unknown, Role> = new Map<unknown, Role>([
  ['system', toRole('system', [], (_, content) => content)],
  ['developer', toRole('developer', [], (_, content) => content)],
  ['user', toRole('user', [], (_, content) => content)],
  ['assistant', toRole('assistant', ['refusal', 'tool_calls', 'function_call', ...reasoningMembers], readAssistant)],
  [
    'tool',
    toRole('tool', ['tool_call_id'], (message, content, path) =>
      toResult(text(message, 'tool_call_id') ?? '', content, path),
    ),
  ],
  // The first form of results, which name the function in place of a call's id.
  [
    'function',
    toRole('tool', ['name'], (message, content, path) =>
      toResult(oldCallId(text(message, 'name') ?? ''), content, path),
    ),
  ],
])

const envelope = new Set(['role', 'content', 'cache_control'])

export function readTurn(message: JsonObject, path: string, report: TranslationReport): Turn | undefined {
  const role = roles.get(message.role)
  for (const member of unknownMembers(message, role?.members ?? envelope, path)) {
    // A participant's name colours the text, it does not carry it; sources of an earlier answer are not its words.
    if (member.endsWith('.name') || member.endsWith('.annotations')) report.hint(member)
    else report.drop(member)
  }
  const content = readContent(message.content, `${path}.content`, report)
  if (role !== undefined) return { role: role.role, parts: role.readParts(message, content, path, report), path }
  report.drop(`${path}.role`)
  return undefined
}

function readAssistant(message: JsonObject, content: Part[], path: string, report: TranslationReport): Part[] {
  const refusal = text(message, 'refusal')
  const refused: Part[] = refusal === undefined ? [] : [{ kind: 'refusal', text: refusal, path: `${path}.refusal` }]
  return [...readReasoning(message, path), ...content, ...refused, ...readToolCalls(message, path, report)]
}

function toResult(id: string, parts: readonly Part[], path: string): Part[] {
  return [{ kind: 'tool-result', id, parts, path: `${path}.content` }]
}
