/** JSON schemas as strict readers take them. What is kept is written as its author wrote it. */
import {
  isObject,
  parseJsonObject,
  Raw,
  rawText,
  writeJson,
  type JsonObject,
  type JsonTree,
  type JsonValue,
} from '../json.ts'

export interface FittedSchema {
  readonly schema: string
  /** Where something was taken out or put in, below the schema's own place. */
  readonly changed: readonly string[]
}

const unions: readonly string[] = ['anyOf', 'oneOf', 'allOf']

/**
 * What a tool takes is an object whose schema says so: servers for tools without arguments often leave that out.
 * `withoutUnions`: variants side by side at the top are not taken; their members become one object's.
 */
export function toObjectSchema(schema: string, withoutUnions: boolean): FittedSchema {
  const parsed = parseJsonObject(schema)
  if (parsed === undefined) return { schema, changed: [] }
  if (withoutUnions && unions.some((name) => Array.isArray(parsed[name]))) return mergeVariants(parsed)
  if (parsed.type !== undefined && parsed.type !== null && parsed.type !== 'object') return { schema, changed: [] }
  const type = parsed.type === 'object' ? '' : '"type":"object"'
  const properties = isObject(parsed.properties) ? '' : '"properties":{}'
  const added = [type, properties].filter((member) => member !== '').join(',')
  if (added === '') return { schema, changed: [] }
  const kept = Object.fromEntries(
    Object.entries(parsed).filter(([name, value]) => (name !== 'type' && name !== 'properties') || value !== null),
  )
  if (Object.keys(kept).length === Object.keys(parsed).length) {
    const inside = schema.slice(schema.indexOf('{') + 1)
    return { schema: `{${added}${inside.trimStart().startsWith('}') ? '' : ','}${inside}`, changed: [] }
  }
  return {
    schema: `{${added}${Object.keys(kept).length === 0 ? '' : ','}${writeJson(toRaw(kept)).slice(1)}`,
    changed: [],
  }
}

function toRaw(object: JsonObject): Record<string, JsonTree> {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => (value === undefined ? [] : [[name, new Raw(rawText(value))]])),
  )
}

function mergeVariants(schema: JsonObject): FittedSchema {
  const present = unions.filter((name) => Array.isArray(schema[name]))
  const variants = present.flatMap((name) => schema[name] as JsonValue[])
  const properties: Record<string, JsonTree> = {}
  for (const variant of [...variants, schema])
    if (isObject(variant) && isObject(variant.properties)) Object.assign(properties, toRaw(variant.properties))
  const rest = Object.fromEntries(Object.entries(schema).filter(([name]) => !present.includes(name)))
  return { schema: writeJson({ ...toRaw(rest), type: 'object', properties }), changed: present }
}

/** Refused in the schemas that Anthropic compiles; the description tells the model of them instead. */
const refused = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
])
const formats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])
const maps = new Set(['properties', '$defs', 'definitions'])

/** The subset of JSON schema that Anthropic compiles for structured output and strict tools. */
export function toStrictSubset(schema: string): FittedSchema {
  const parsed = parseJsonObject(schema)
  if (parsed === undefined) return { schema, changed: [] }
  const changed: string[] = []
  const written = writeJson(fitNode(parsed, '', changed))
  return changed.length === 0 ? { schema, changed } : { schema: written, changed }
}

function fitNode(node: JsonValue, path: string, changed: string[]): JsonTree {
  if (!isObject(node)) return new Raw(rawText(node))
  const place = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const written: Record<string, JsonTree> = {}
  const refusals: string[] = []
  for (const [name, value] of Object.entries(node)) {
    if (value === undefined || name === 'additionalProperties') continue
    const refuses = isRefused(name, value)
    const kept = name === 'oneOf' && Array.isArray(value) ? 'anyOf' : name
    if (refuses || kept !== name) changed.push(place(name))
    if (refuses) refusals.push(`${name}: ${rawText(value)}`)
    else written[kept] = fitMember(name, value, place(name), changed)
  }
  if (isObject(node.properties) || node.type === 'object') {
    if (node.additionalProperties !== false) changed.push(place('additionalProperties'))
    written.additionalProperties = false
  }
  if (refusals.length > 0) {
    const description = typeof node.description === 'string' ? `${node.description}\n` : ''
    written.description = `${description}{${refusals.join(', ')}}`
  }
  return written
}

function fitMember(name: string, value: JsonValue, path: string, changed: string[]): JsonTree {
  if (name === 'items') return fitNode(value, path, changed)
  if (maps.has(name) && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, fitNode(inner ?? null, `${path}.${key}`, changed)]),
    )
  if (unions.includes(name) && Array.isArray(value)) return fitList(value, path, changed)
  return new Raw(rawText(value))
}

function fitList(list: JsonValue[], path: string, changed: string[]): JsonTree[] {
  return list.map((entry, index) => fitNode(entry, `${path}[${index}]`, changed))
}

function isRefused(name: string, value: JsonValue): boolean {
  if (name === 'minItems') return value !== 0 && value !== 1
  if (name === 'format') return typeof value !== 'string' || !formats.has(value)
  return refused.has(name)
}
