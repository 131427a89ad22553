import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editJson, type JsonEdit } from '../bytes/json-edit.ts'
import { JsonView } from '../bytes/json-view.ts'

const text = '{ "model": "up/m",\n "messages":[{"role":"user","content":"Hi 1.0"}], "n": 1.0 ,"tools":[{"name":"f"}]}'
const open = (): { body: Buffer; view: JsonView } => {
  const body = Buffer.from(text)
  return { body, view: new JsonView(body, JSON.parse(text) as Record<string, unknown>) }
}
/** What the steps of a request ask for, each of the body as it came. */
const steps: JsonEdit[][] = [
  [{ kind: 'replace', path: ['messages', 0, 'content'], text: 'Hello' }],
  [{ kind: 'unshift', path: ['messages'], json: '{"role":"system","content":"Be short."}' }],
  [{ kind: 'cut', path: ['model'], prefix: 'up/' }],
  [{ kind: 'replace', path: ['tools', 0, 'name'], text: 'acme__f' }],
  [{ kind: 'addMember', name: 'stream_options', json: '{"include_usage":true}' }],
  [{ kind: 'addMember', name: 'system', json: '"s"' }],
]

describe('a view of a body', () => {
  test('without changes gives the very buffer', () => {
    const { body, view } = open()
    expect(view.toBytes()).toBe(body)
    expect(view.settle()).toEqual({ bytes: body, json: JSON.parse(text) })
    expect(view.settle().bytes).toBe(body)
  })

  test('makes the changes of all steps at once as it would one after another, in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(steps), (chosen) => {
        const { view } = open()
        for (const edits of chosen) expect(view.edit(edits)).toBe(true)
        const edited = view.toBytes().toString()
        const { body } = open()
        // An element put in front moves the places behind it, so it comes last where each step sees the one before.
        const one = chosen.toSorted((a, b) => Number(a[0]?.kind === 'unshift') - Number(b[0]?.kind === 'unshift'))
        const after = one.reduce((bytes, edits) => editJson(bytes, edits) as Buffer, body)
        expect(JSON.parse(edited)).toEqual(JSON.parse(after.toString()))
        expect(edited).toContain('"n": 1.0 ,')
      }),
    )
  })

  test('leaves out whole what asks for a place that is not there, or that another step has changed', () => {
    const { view } = open()
    const content = ['messages', 0, 'content']
    expect(view.edit([{ kind: 'replace', path: content, text: 'first' }])).toBe(true)
    expect(
      view.edit([
        { kind: 'set', path: ['n'], json: '2' },
        { kind: 'replace', path: content, text: 'second' },
      ]),
    ).toBe(false)
    expect(view.edit([{ kind: 'replace', path: ['messages', 7], text: 'x' }])).toBe(false)
    expect(view.toBytes().toString()).toBe(text.replace('Hi 1.0', 'first'))
  })

  test('says what it says once it has settled, and later changes are of that', () => {
    const { view } = open()
    view.edit([{ kind: 'unshift', path: ['messages'], json: '{"role":"system","content":"s"}' }])
    expect(view.settle().json).toMatchObject({ messages: [{ role: 'system' }, { role: 'user' }] })
    expect(view.edit([{ kind: 'replace', path: ['messages', 1, 'content'], text: 'Hello' }])).toBe(true)
    expect(JSON.parse(view.toBytes().toString())).toMatchObject({ messages: [{ content: 's' }, { content: 'Hello' }] })
  })
})
