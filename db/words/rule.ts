/** A rule: condition → edits of request or answer. Types only: every folder may import this file. */

/** A place in a JSON body, outermost member first; a negative number counts from the end of its list. */
export type RulePath = (string | number)[]

/** Whose texts a rule means; `all` has the model's and the tools' too. */
export type RuleTexts = 'system' | 'user' | 'all'

/** One change a rule makes. `maxTokens` as a parameter means the wire's own name of it. */
export type RuleEdit =
  /** Missing objects on the way to the place are made. */
  | { kind: 'set'; path: RulePath; value: unknown }
  | { kind: 'remove'; path: RulePath }
  | { kind: 'rename'; path: RulePath; to: string }
  /** `pattern` in RE2's language; `with` may name groups: `$1`, `${name}`. */
  | { kind: 'replaceText'; in: RuleTexts; pattern: string; with: string }
  | { kind: 'addMessage'; role: 'system' | 'user'; position: 'first' | 'last'; text: string }
  | {
      kind: 'changeMessage'
      role: 'system' | 'user'
      which: 'first' | 'last' | 'all'
      change: 'replace' | 'prepend' | 'append'
      text: string
    }
  | { kind: 'cap'; parameter: string; most: number }
  | { kind: 'default'; parameter: string; value: number }
  | { kind: 'routeTo'; model: string }
  | { kind: 'addHeader'; name: string; value: string }

/** A rule: condition → edits of request or answer, in order. */
export interface TransformationRule {
  id: string
  name: string
  /** Lower comes first; rules of one order follow each other by id. */
  order: number
  active: boolean
  target: 'request' | 'answer'
  /** A CEL expression; empty = always. */
  condition: string
  edits: RuleEdit[]
  /** Counts its changes. */
  version: number
}

/**
 * What became of a rule on one exchange; rules whose condition did not hold are not listed. `applied`: at least one
 * edit changed something. `unchanged`: there was nothing to change. `undone`: an edit would have made the body invalid,
 * so it was left out. `skipped`: edits that a streamed answer cannot have. `error`: the condition failed, so it did not
 * hold.
 */
export interface AppliedRule {
  id: string
  version: number
  result: 'applied' | 'unchanged' | 'undone' | 'skipped' | 'error'
  /** Which edit and why, for everything but `applied` and `unchanged`; never text of the body. */
  note?: string
}

/**
 * One change of one place of a JSON body. `set` replaces a value or adds a member; `insert` puts an element in before
 * the one at the place.
 */
export type BodyEdit =
  | { kind: 'set'; path: RulePath; json: string }
  | { kind: 'insert'; path: RulePath; json: string }
  | { kind: 'remove'; path: RulePath }
  | { kind: 'rename'; path: RulePath; to: string }
