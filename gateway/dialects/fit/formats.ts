import type { ConversationRequest, ToolDefinition } from '../model.ts'
import type { Fitting } from './fitting.ts'
import { toObjectSchema, toStrictSubset } from './schemas.ts'
import { nameOf, withSettings } from './settings.ts'

/** Tools whose schemas the model takes. */
export function fitTools(request: ConversationRequest, fitting: Fitting): ConversationRequest {
  return request.tools.length === 0
    ? request
    : { ...request, tools: request.tools.map((tool) => fitTool(tool, fitting)) }
}

function fitTool(tool: ToolDefinition, { accepts, report }: Fitting): ToolDefinition {
  if (tool.deferred === true) report.hint(`${tool.path}.defer_loading`)
  // The search that would load it is the provider's own, and has no words in another dialect.
  const { deferred: _, ...here } = tool
  if (here.schema === undefined) return here
  const place = here.schemaPath ?? `${here.path}.schema`
  const plain =
    accepts.toolSchemas === undefined
      ? { schema: here.schema, changed: [] }
      : toObjectSchema(here.schema, accepts.toolSchemas === 'plain')
  report.hintAll(plain.changed.map((path) => `${place}.${path}`))
  if (here.strict !== true || accepts.strictSchemas === undefined) return { ...here, schema: plain.schema }
  if (accepts.strictSchemas === 'none') {
    report.hint(`${here.path}.strict`)
    return { ...here, schema: plain.schema, strict: false }
  }
  const subset = toStrictSubset(plain.schema)
  report.hintAll(subset.changed.map((path) => `${place}.${path}`))
  return { ...here, schema: subset.schema }
}

/** Structured output, as far as the model has it. */
export function fitFormat(request: ConversationRequest, { accepts, report }: Fitting): ConversationRequest {
  const { format } = request.settings
  if (format === undefined || format.kind === 'text') return request
  const name = nameOf(request, 'format')
  if (accepts.formats === 'none') {
    report.drop(name)
    return withSettings(request, { format: undefined })
  }
  if (format.kind !== 'schema') return request
  if (accepts.formats === 'json') {
    report.drop(name)
    return withSettings(request, { format: { kind: 'json' } })
  }
  if (accepts.strictSchemas !== 'subset') return request
  const { schema, changed } = toStrictSubset(format.schema)
  report.hintAll(changed.map((path) => `${name}.schema.${path}`))
  return changed.length === 0 ? request : withSettings(request, { format: { ...format, schema } })
}
