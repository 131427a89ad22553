import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TransformationRule } from '../../../db/words/rule.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { findAnswerFaults } from '../../../workflows/domain/rules/answer-faults.ts'
import { applyAnswerRules, matchAnswerRules } from '../../../workflows/domain/rules/apply.ts'
import { compileRules } from '../../../workflows/domain/rules/compile.ts'
import type { CallFacts } from '../../../workflows/domain/rules/facts.ts'
import { parseRuleDraft } from '../../../workflows/domain/rules/parse.ts'
import { findRequestFaults } from '../../../workflows/domain/rules/request-faults.ts'
import { UntranslatableError } from '../../dialects/report.ts'
import { translateRequest } from '../../dialects/translate.ts'
import { applyRules, rewriteAnswer } from '../../pipeline/rewrite/rules.ts'
import { requestProblem } from '../dialects/valid.ts'
import { answers, edits, requests } from './requests.ts'

const wires: Wire[] = ['chat', 'responses', 'messages']
const toFacts = (wire: Wire): CallFacts => ({
  dialect: wire === 'messages' ? 'anthropic' : 'openai',
  wire,
  key: 'demo',
  team: 'default',
  session: '',
  pattern: '',
  taskClass: '',
  headers: [['x-app', 'shop']],
  now: 0,
})

/** Rules that somebody could have saved. */
const rules = fc.array(fc.array(edits, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }).map((lists) =>
  lists.flatMap((list, index): TransformationRule[] => {
    const draft = {
      name: `r${index}`,
      order: index,
      active: true,
      target: 'request' as const,
      condition: '',
      edits: list,
    }
    return 'draft' in parseRuleDraft(draft) ? [{ ...draft, id: `${index}`, version: 1 }] : []
  }),
)

/**
 * JSON as an odd program writes it: spaces anywhere, numbers in forms that would not survive being written again, names
 * twice.
 */
function writeOddly(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}` : `${value.toExponential()}`
  if (Array.isArray(value)) return `[ ${value.map(writeOddly).join(' ,\t')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)} :${writeOddly(item)}`)
  const twice = members.length > 1 ? [`"${Object.keys(value)[0]}":"shadowed"`] : []
  return `{${[...twice, ...members].join(', ')}\n}`
}

describe('transformation rules on generated requests', () => {
  for (const wire of wires) {
    test(`rules never make an invalid ${wire} request, by three judges, and the bytes say what the preview says`, () => {
      let changed = 0
      let undone = 0
      fc.assert(
        fc.property(requests[wire], rules, fc.boolean(), (request, written, oddly) => {
          const source = oddly ? writeOddly(request) : JSON.stringify(request)
          const json = JSON.parse(source) as Record<string, unknown>
          expect(findRequestFaults(wire, json)).toEqual([])
          const result = applyRules(compileRules(written), toFacts(wire), Buffer.from(source), json)
          const sent = result.body === null ? source : result.body.toString()
          expect(JSON.parse(sent)).toEqual(result.json)
          expect(findRequestFaults(wire, JSON.parse(sent))).toEqual([])
          expect(requestProblem(wire, sent)).toBeUndefined()
          expect(isReadable(sent, wire, source)).toBe(true)
          if (result.applied.every(({ result: said }) => said === 'unchanged')) expect(result.body).toBeNull()
          if (result.body !== null) changed++
          if (result.applied.some(({ result: said }) => said === 'undone')) undone++
        }),
        { numRuns: 600 },
      )
      // Both happen often, or the generators have lost their point.
      expect(changed).toBeGreaterThan(70)
      expect(undone).toBeGreaterThan(70)
    })

    test(`without an active rule that holds, not a byte of a ${wire} request changes`, () => {
      fc.assert(
        fc.property(requests[wire], edits, (request, edit) => {
          const body = Buffer.from(writeOddly(request))
          const rule: TransformationRule = {
            id: '1',
            name: 'r',
            version: 1,
            order: 0,
            active: false,
            target: 'request',
            condition: '',
            edits: [edit],
          }
          const json = JSON.parse(body.toString()) as Record<string, unknown>
          for (const list of [
            [],
            [rule],
            [{ ...rule, active: true, condition: 'key == "other"' }],
            [{ ...rule, active: true, target: 'answer' as const }],
          ]) {
            expect(applyRules(compileRules(list), toFacts(wire), body, json)).toEqual({
              body: null,
              json,
              headers: [],
              model: null,
              applied: [],
            })
          }
          expect(applyRules(compileRules([]), toFacts(wire), body, json).body).toBeNull()
        }),
        { numRuns: 150 },
      )
    })
  }

  for (const wire of wires) {
    test(`rules on a whole answer of ${wire} leave one that its clients can read, and the bytes say what the preview says`, () => {
      fc.assert(
        fc.property(
          answers[wire],
          fc.array(
            edits.filter(({ kind }) => ['set', 'remove', 'rename', 'replaceText', 'addHeader'].includes(kind)),
            { minLength: 1, maxLength: 4 },
          ),
          fc.boolean(),
          (answer, list, oddly) => {
            const draft = {
              name: 'a',
              order: 0,
              active: true,
              target: 'answer' as const,
              condition: '',
              edits: list.map((edit) => (edit.kind === 'replaceText' ? { ...edit, in: 'all' as const } : edit)),
            }
            if (!('draft' in parseRuleDraft(draft))) return
            const body = Buffer.from(oddly ? writeOddly(answer) : JSON.stringify(answer))
            const matched = matchAnswerRules(compileRules([{ ...draft, id: '1', version: 1 }]), toFacts(wire), {}, 200)
            const { body: sent, applied } = rewriteAnswer(matched, toFacts(wire), body)
            const json = JSON.parse(body.toString()) as Record<string, unknown>
            expect(findAnswerFaults(wire, json)).toEqual([])
            expect(JSON.parse(sent.toString())).toEqual(applyAnswerRules(matched, toFacts(wire), json).body)
            expect(findAnswerFaults(wire, JSON.parse(sent.toString()))).toEqual([])
            if (applied.every(({ result }) => result === 'unchanged')) expect(sent).toBe(body)
          },
        ),
        { numRuns: 300 },
      )
    })
  }

  test('the bytes that no edit names stay, number texts among them', () => {
    const body =
      '{"temperature": 1.50e-1 ,"messages":[ {"role":"user","content":"ab"} ], "seed":12345678901234567890, "metadata" : {"a":1.0}}'
    const full = body.replace('{', '{"model":"m",')
    const rule: TransformationRule = {
      id: '1',
      name: 'r',
      version: 1,
      order: 0,
      active: true,
      target: 'request',
      condition: '',
      edits: [
        { kind: 'replaceText', in: 'user', pattern: 'b', with: 'c' },
        { kind: 'set', path: ['metadata', 'tier'], value: 'x' },
      ],
    }
    const result = applyRules(
      compileRules([rule]),
      toFacts('chat'),
      Buffer.from(full),
      JSON.parse(full) as Record<string, unknown>,
    )
    expect(result.body?.toString()).toBe(full.replace('"ab"', '"ac"').replace('1.0}', '1.0,"tier":"x"}'))
  })
})

/** The reader of the dialect takes it, as far as it took the request before. */
function isReadable(sent: string, wire: Wire, before: string): boolean {
  const read = (text: string): boolean => {
    try {
      translateRequest(text, { from: wire, to: wire === 'messages' ? 'chat' : 'messages' }, { untranslatable: 'drop' })
      return true
    } catch (error) {
      if (!(error instanceof UntranslatableError)) throw error
      return false
    }
  }
  return read(sent) || !read(before)
}
