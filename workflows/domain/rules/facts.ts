/** What a rule's condition sees of an exchange. */
import type { Family, Wire } from '../../../db/words/wire.ts'
import { readConditionTexts } from './texts.ts'

/** Milliseconds of a clock that only goes forward. Without one (always 0) nothing is ended for its time. */
export type Clock = () => number

/** What is known beside the body. An empty text = there is none, or it is not known (yet). */
export interface CallFacts {
  dialect: Family
  wire: Wire
  /** The key's name. */
  key: string
  team: string
  session: string
  /** The pattern's id. */
  pattern: string
  taskClass: string
  /** Names in lower case, without credentials. */
  headers: readonly (readonly [string, string])[]
  /** Milliseconds since 1970. */
  now: number
  /** Ends what takes too long. */
  clock?: Clock
}

export function clockOf({ clock }: CallFacts): Clock {
  return clock ?? (() => 0)
}

/** The variables of conditions, by these names. */
export interface RuleFacts {
  dialect: Family
  wire: Wire
  model: string
  key: string
  team: string
  session: string
  pattern: string
  taskClass: string
  text: string
  system: string
  headers: ReadonlyMap<string, string>
  time: Date
  /** 0 while there is no answer. */
  status: bigint
}

/** Headers beyond these are not seen: a loop over them must have an end. */
const headersMax = 100
const headerCharactersMax = 4_096

/** Texts and headers are read when a condition asks for them: most ask for neither. */
export function readRuleFacts(facts: CallFacts, body: Readonly<Record<string, unknown>>, status: number): RuleFacts {
  let texts: ReturnType<typeof readConditionTexts> | null = null
  let headers: ReadonlyMap<string, string> | null = null
  return {
    dialect: facts.dialect,
    wire: facts.wire,
    model: typeof body.model === 'string' ? body.model : '',
    key: facts.key,
    team: facts.team,
    session: facts.session,
    pattern: facts.pattern,
    taskClass: facts.taskClass,
    time: new Date(facts.now),
    status: BigInt(status),
    get text() {
      return (texts ??= readConditionTexts(facts.wire, body)).text
    },
    get system() {
      return (texts ??= readConditionTexts(facts.wire, body)).system
    },
    get headers() {
      return (headers ??= toHeaderMap(facts.headers))
    },
  }
}

function toHeaderMap(list: CallFacts['headers']): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of list) {
    if (headers.size < headersMax && !headers.has(name)) headers.set(name, value.slice(0, headerCharactersMax))
  }
  return headers
}
