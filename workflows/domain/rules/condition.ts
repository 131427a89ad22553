/**
 * When a rule applies: an expression of CEL (Common Expression Language), which has no loops but over lists, no side
 * effects and no names but those below. Its time is bounded: few nodes, a list of functions whose time is linear, loops
 * that do not nest, texts that are cut, and regular expressions of RE2 in place of the library's own.
 */
import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import type { RE2JS } from 're2js'
import type { RuleFacts } from './facts.ts'
import { compileExpression } from './regular-expression.ts'

export const conditionLengthMax = 2_000
const limits = { maxAstNodes: 200, maxDepth: 20, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 4 }

/** Throws where the expression fails on these facts. */
export type Condition = (facts: RuleFacts) => boolean

/** Each takes time linear in its texts, and none makes a text longer. */
const functions = new Set([
  'has',
  'get',
  'size',
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'lowerAscii',
  'upperAscii',
  'trim',
  'indexOf',
  'lastIndexOf',
  'substring',
  'int',
  'double',
  'string',
  'bool',
  'timestamp',
  'duration',
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getHours',
  'getMinutes',
  'getSeconds',
])
/** They look at each element of a list; one inside another would multiply. */
const loops = new Set(['exists', 'all', 'exists_one'])

const texts = ['dialect', 'wire', 'model', 'key', 'team', 'session', 'pattern', 'text', 'system', 'taskClass']
const environment = texts
  .reduce(
    (declared, name) => declared.registerVariable(name, 'string'),
    new Environment({ limits, homogeneousAggregateLiterals: true }),
  )
  .registerVariable('headers', 'map<string, string>')
  .registerVariable('time', 'google.protobuf.Timestamp')
  .registerVariable('status', 'int')
  // Asked for by `[…]`, a header that is not there fails the condition.
  .registerFunction(
    'map.get(string): string',
    (headers: ReadonlyMap<string, string>, name: string) => headers.get(name) ?? '',
  )

/** The library's `matches` backtracks and cannot be replaced under its own name. */
const linearMatches = 'matchesInLinearTime'

/** An empty text always holds. Throws an Error that says what is wrong. */
export function compileCondition(text: string): Condition {
  if (text.trim() === '') return () => true
  if (text.length > conditionLengthMax) throw new Error(`is longer than ${conditionLengthMax} characters`)
  const expressions = new Map<string, RE2JS>()
  const replaced = judge(parse(environment, text).ast, expressions)
  let source = text
  for (const at of replaced.sort((a, b) => b - a))
    source = `${source.slice(0, at)}${linearMatches}${source.slice(at + 'matches'.length)}`
  const own = environment
    .clone()
    .registerFunction(`string.${linearMatches}(string): bool`, (subject: string, pattern: string) => {
      const expression = expressions.get(pattern)
      if (expression === undefined) throw new Error('the pattern is not known')
      return expression.test(subject)
    })
  const parsed = parse(own, source)
  if (namesCall(parsed.ast, 'matches'))
    throw new Error('a comment stands between a text and its .matches(); write it without')
  const checked = parsed.check()
  if (!checked.valid) throw new Error(toSentence(checked.error))
  if (checked.type !== 'bool') throw new Error(`gives ${checked.type}, not true or false`)
  return (facts) => parsed(facts) === true
}

function parse(where: Environment, text: string) {
  try {
    return where.parse(text)
  } catch (error) {
    throw new Error(toSentence(error))
  }
}

/** Refuses what is not allowed, collects the patterns, and answers where each `matches` stands in the text. */
function judge(root: ASTNode, expressions: Map<string, RE2JS>): number[] {
  const places: number[] = []
  visit(root, false, (node, inLoop) => {
    if (node.op !== 'call' && node.op !== 'rcall') return inLoop
    const name = node.args[0]
    if (loops.has(name)) {
      if (inLoop) throw new Error(`${name}() stands inside another loop`)
      return true
    }
    if (!functions.has(name)) throw new Error(`${name}() is not a function of conditions`)
    if (node.op === 'rcall' && name === 'matches')
      places.push(readMatches(node.args[1], node.args[2], node.input, expressions))
    return inLoop
  })
  return places
}

function readMatches(receiver: ASTNode, given: ASTNode[], input: string, expressions: Map<string, RE2JS>): number {
  const pattern = given[0]
  if (given.length !== 1 || pattern?.op !== 'value' || typeof pattern.args !== 'string')
    throw new Error('matches() takes one pattern, written as a text')
  try {
    expressions.set(pattern.args, compileExpression(pattern.args))
  } catch (error) {
    throw new Error(`matches(): the pattern ${(error as Error).message}`)
  }
  const at = input.indexOf('matches', receiver.range.end)
  if (at < 0 || at > pattern.range.start) throw new Error('matches() could not be read')
  return at
}

function namesCall(root: ASTNode, name: string): boolean {
  let found = false
  visit(root, false, (node, inLoop) => {
    if ((node.op === 'call' || node.op === 'rcall') && node.args[0] === name) found = true
    return inLoop
  })
  return found
}

/** Children see what `see` answers for their parent. */
function visit(node: ASTNode, inLoop: boolean, see: (node: ASTNode, inLoop: boolean) => boolean): void {
  const below = see(node, inLoop)
  for (const child of childrenOf(node.args)) visit(child, below, see)
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf)
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : []
}

/** The library's message goes on with the place drawn under the text. */
function toSentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
