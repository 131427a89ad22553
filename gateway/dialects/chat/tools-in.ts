import { isObject, type JsonObject } from '../json.ts'
import { child, flag, objects, objectText, present, text, unknownMembers } from '../members.ts'
import type { ToolChoice, ToolDefinition } from '../model.ts'
import type { TranslationReport } from '../report.ts'

const toolMembers = new Set(['name', 'description', 'parameters', 'strict', 'format'])

/** `tools`, and `functions`, their first form. */
export function readTools(body: JsonObject, report: TranslationReport): ToolDefinition[] {
  const functions = [...objects(body, 'functions')].map(([tool, index]) =>
    readFunction(tool, `functions[${index}]`, report),
  )
  const tools = [...objects(body, 'tools')].map(([tool, index]) => readTool(tool, `tools[${index}]`, report))
  return [...functions, ...tools].filter((tool) => tool !== undefined)
}

function readFunction(tool: JsonObject, path: string, report: TranslationReport): ToolDefinition | undefined {
  const name = text(tool, 'name')
  if (name !== undefined)
    return { name, path, ...present({ description: text(tool, 'description') }), ...readSchema(tool, path) }
  report.drop(path)
  return undefined
}

function readTool(tool: JsonObject, path: string, report: TranslationReport): ToolDefinition | undefined {
  const custom = tool.type === 'custom'
  const body = child(tool, custom ? 'custom' : 'function')
  const name = text(body, 'name')
  // `type` is missing in the bodies of some clients; a function is what they mean.
  const runsAtClient = custom || tool.type === undefined || tool.type === 'function'
  if (body === undefined || name === undefined || !runsAtClient) {
    report.drop(path, name ?? text(tool, 'type'))
    return undefined
  }
  report.dropAll(unknownMembers(body, toolMembers, `${path}.function`))
  return {
    name,
    path,
    ...present({ description: text(body, 'description') }),
    ...readSchema(body, `${path}.function`),
    ...present({
      strict: flag(body, 'strict'),
      custom: custom ? (objectText(body, 'format') ?? '{"type":"text"}') : undefined,
      cache: objectText(tool, 'cache_control'),
    }),
  }
}

function readSchema(holder: JsonObject, path: string): { readonly schema?: string; readonly schemaPath?: string } {
  const schema = objectText(holder, 'parameters')
  return schema === undefined ? {} : { schema, schemaPath: `${path}.parameters` }
}

export function readToolChoice(body: JsonObject, report: TranslationReport): ToolChoice | undefined {
  const old = text(child(body, 'function_call'), 'name')
  if (old !== undefined) return { kind: 'tool', name: old }
  const choice = body.tool_choice ?? body.function_call
  if (choice === undefined || choice === null) return undefined
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { kind: choice }
  // Mistral's word.
  if (choice === 'any') return { kind: 'required' }
  if (isObject(choice)) {
    const custom = choice.type === 'custom'
    const name = text(child(choice, custom ? 'custom' : 'function'), 'name')
    if (name !== undefined) return { kind: 'tool', name, ...(custom ? { custom } : {}) }
    const allowed = child(choice, 'allowed_tools')
    if (allowed !== undefined) {
      const names = [...objects(allowed, 'tools')].flatMap(([tool]) => text(child(tool, 'function'), 'name') ?? [])
      return { kind: 'allowed', mode: allowed.mode === 'required' ? 'required' : 'auto', names }
    }
  }
  report.drop('tool_choice')
  return undefined
}
