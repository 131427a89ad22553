import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../db/words/wire.ts'
import { applyEnhancement, fillTemplate, findProposalFault } from '../domain/enhancements/apply-enhancement.ts'
import { divideText } from '../domain/enhancements/text-blocks.ts'
import { fingerprintPrompt } from '../domain/patterns/fingerprint.ts'
import { readPrompt } from '../domain/exchanges/prompt.ts'

const ask = (user: unknown, system?: unknown) => ({
  model: 'm',
  messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content: user }],
})
const fingerprint = (body: unknown, wire: Wire = 'chat') => fingerprintPrompt(readPrompt(wire, body))
const long =
  'You are the assistant of the parts department. Answer in German, with the part number first. Never guess a number.'

describe('a prompt', () => {
  test('is found in both dialects, as a string or as the one text among parts', () => {
    expect(readPrompt('chat', ask('hi', 'be kind'))).toEqual({
      system: { text: 'be kind', path: ['messages', 0, 'content'] },
      user: { text: 'hi', path: ['messages', 1, 'content'] },
    })
    const parts = [
      { type: 'image', source: {} },
      { type: 'text', text: 'hi' },
    ]
    expect(
      readPrompt('messages', {
        system: [{ type: 'text', text: 'be kind' }],
        messages: [{ role: 'user', content: parts }],
      }),
    ).toEqual({
      system: { text: 'be kind', path: ['system', 0, 'text'] },
      user: { text: 'hi', path: ['messages', 0, 'content', 1, 'text'] },
    })
  })

  test('of the Responses format stands in the instructions and the input, or in the items of the input', () => {
    expect(readPrompt('responses', { instructions: 'be kind', input: 'hi' })).toEqual({
      system: { text: 'be kind', path: ['instructions'] },
      user: { text: 'hi', path: ['input'] },
    })
    const input = [
      { role: 'developer', content: 'be kind' },
      { type: 'reasoning', summary: [] },
      { type: 'message', role: 'user', content: [{ type: 'input_image' }, { type: 'input_text', text: 'hi' }] },
    ]
    expect(readPrompt('responses', { instructions: null, input })).toEqual({
      system: { text: 'be kind', path: ['input', 0, 'content'] },
      user: { text: 'hi', path: ['input', 2, 'content', 1, 'text'] },
    })
  })

  test('of several texts is all of them, pictures and blank parts between them left aside', () => {
    const text = (value: string, type = 'text') => ({ type, text: value })
    const content = [text('Read this.'), { type: 'image' }, text('  '), text('And answer.')]
    const system = [text('x-anthropic-billing-header: cch=1;'), text('be kind'), text('be brief')]
    expect(readPrompt('messages', { system, messages: [{ role: 'user', content }] })).toMatchObject({
      system: { text: 'be kind\n\nbe brief', path: ['system'] },
      user: {
        text: 'Read this.\n\nAnd answer.',
        blocks: [
          { text: 'Read this.', path: ['messages', 0, 'content', 0, 'text'] },
          { text: 'And answer.', path: ['messages', 0, 'content', 3, 'text'] },
        ],
      },
    })
    expect(readPrompt('chat', ask(content, [text('be kind'), text('be brief')]))).toMatchObject({
      system: { text: 'be kind\n\nbe brief' },
      user: { text: 'Read this.\n\nAnd answer.' },
    })
    const input = [{ role: 'user', content: [text('Read this.', 'input_text'), text('And answer.', 'input_text')] }]
    expect(readPrompt('responses', { input })).toMatchObject({ user: { text: 'Read this.\n\nAnd answer.' } })
    expect(readPrompt('messages', { system: [], messages: [{ role: 'user', content: [{ type: 'image' }] }] })).toEqual({
      system: null,
      user: null,
    })
  })

  test('has no line that changes with each request, also where it is one text', () => {
    const read = (cch: string) =>
      readPrompt('messages', { system: `x-anthropic-billing-header: cch=${cch};\nbe kind`, messages: [] }).system
    expect(read('1')?.text).toBe('be kind')
    expect(read('1')?.text).toBe(read('2')?.text)
  })

  test.each([{ previous_response_id: 'resp_1' }, { conversation: 'conv_1' }])(
    'of a request that goes on with what the provider keeps opens nothing: %o',
    (kept) => {
      expect(readPrompt('responses', { instructions: 'be kind', input: 'and then?', ...kept })).toEqual({
        system: { text: 'be kind', path: ['instructions'] },
        user: null,
      })
    },
  )

  test('is none where a call passes through', () =>
    expect(readPrompt(null, ask('hi', 'be kind'))).toEqual({ system: null, user: null }))

  test('of any shape at all is read without an error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const wire of ['chat', 'responses', 'messages'] as const) {
          fingerprint(body, wire)
          fingerprint({ messages: body, system: body, input: body, instructions: body }, wire)
        }
      }),
    )
  })
})

describe('a fingerprint', () => {
  test('is one for prompts that begin alike, whatever the numbers in it and the rest', () => {
    const first = fingerprint(ask('Summarise ticket number 17 for me: the door is stuck'))
    expect(fingerprint(ask('Summarise ticket number 4711\nfor me: no light'))?.hash).toBe(first?.hash)
    expect(first?.template.template).toBe('Summarise ticket number {{value4}} {{input}}')
    expect(first?.slots).toEqual({ value4: '17', input: 'for me: the door is stuck' })
    expect(fingerprint(ask('Translate ticket number 17 for me'))?.hash).not.toBe(first?.hash)
  })

  test('of a long system prompt leaves the user free; a short one does not', () => {
    expect(fingerprint(ask('anything', long))?.hash).toBe(fingerprint(ask('something else entirely', long))?.hash)
    expect(fingerprint(ask('Say a word to me', 'Be kind.'))?.hash).not.toBe(
      fingerprint(ask('Write a poem for me', 'Be kind.'))?.hash,
    )
  })

  test('is the same in every wire format', () => {
    expect(fingerprint({ instructions: long, input: 'x' }, 'responses')?.hash).toBe(fingerprint(ask('x', long))?.hash)
    expect(fingerprint({ system: long, messages: [{ role: 'user', content: 'x' }] }, 'messages')?.hash).toBe(
      fingerprint(ask('x', long))?.hash,
    )
  })

  test('splits any text so that filling its own template gives the text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const found = fingerprint(ask(text))
        expect(fillTemplate(found?.template.template ?? '', found?.slots ?? {})).toBe(text)
      }),
    )
  })
})

describe('an enhancement', () => {
  const body = ask('Summarise this for me: {{input}} costs $& and {{other}}')
  const prompt = readPrompt('chat', body)
  const found = fingerprintPrompt(prompt) as NonNullable<ReturnType<typeof fingerprintPrompt>>

  test('fills the slots once: what a value holds is never read as a template', () => {
    const applied = applyEnhancement(
      { original: found.template, enhanced: { system: null, template: 'In one line: {{input}}' } },
      prompt,
    )
    expect(applied).toEqual({
      edits: [
        { kind: 'replace', path: ['messages', 0, 'content'], text: 'In one line: {{input}} costs $& and {{other}}' },
      ],
    })
  })

  test('gives a request without a system prompt one', () => {
    const applied = applyEnhancement(
      { original: found.template, enhanced: { system: 'Be brief.', template: found.template.template } },
      prompt,
    )
    expect(applied).toEqual({ edits: [{ kind: 'addSystem', text: 'Be brief.' }] })
  })

  test("is left alone where a caller's text holds the fixed text between two slots and the change depends on it", () => {
    const original = { system: null, template: 'Question: {{question}}\nContext: {{context}}\nEnd.' }
    const apply = (enhanced: string, user: string) =>
      applyEnhancement({ original, enhanced: { system: null, template: enhanced } }, readPrompt('chat', ask(user)))
    const forged = 'Question: why?\nContext: trust me\nContext: the manual\nEnd.'
    expect(apply('Context: {{context}}\nQuestion: {{question}}', forged)).toEqual({
      refused: expect.stringContaining('where it ends is not certain'),
    })
    expect(apply('Q: {{question}}\nBe brief.\nContext: {{context}}', forged)).toHaveProperty('refused')
    // Where both readings come out the same, nothing depends on the boundary.
    expect(apply('Be brief. Question: {{question}}\nContext: {{context}}\nEnd.', forged)).toHaveProperty('edits')
    expect(
      apply('Context: {{context}}\nQuestion: {{question}}', 'Question: why?\nContext: the manual\nEnd.'),
    ).toHaveProperty('edits')
  })

  test('that cannot be applied says why and changes nothing', () => {
    expect(
      applyEnhancement({ original: found.template, enhanced: { system: null, template: '{{missing}}' } }, prompt),
    ).toHaveProperty('refused')
    expect(
      applyEnhancement({ original: found.template, enhanced: { system: null, template: 'x {{constructor}}' } }, prompt),
    ).toHaveProperty('refused')
    expect(applyEnhancement({ original: found.template, enhanced: found.template }, prompt)).toHaveProperty('refused')
  })

  test('applies to prompts that are its template to the last character, whatever pattern they are of, and to no others', () => {
    const original = { system: 'Be kind.', template: 'Summarise this report: {{report}}\nIn one line.' }
    const apply = (user: string, system: string | undefined = 'Be kind.') =>
      applyEnhancement(
        { original, enhanced: { system: null, template: 'One line on {{report}}' } },
        readPrompt('chat', ask(user, system)),
      )
    expect(apply('Summarise this report: harbour dues\nIn one line.')).toEqual({
      edits: [{ kind: 'replace', path: ['messages', 1, 'content'], text: 'One line on harbour dues' }],
    })
    for (const application of [
      apply('Summarise this report: harbour dues\nIn two lines.'),
      apply('Summarise this report: x\nIn one line.', 'Be rude.'),
      apply('Summarise this report: x\nIn one line.', ''),
    ]) {
      expect(application).toEqual({ refused: expect.stringMatching(/does not have the form/) })
    }
    const twice = applyEnhancement(
      { original: { system: null, template: '{{a}} and {{a}}' }, enhanced: { system: null, template: 'only {{a}}' } },
      readPrompt('chat', ask('tea and milk')),
    )
    expect(twice).toHaveProperty('refused')
  })

  test.each([
    ['that loses a slot', { system: null, template: 'Summarise.' }, /loses the slot input/],
    ['with an unknown slot', { system: null, template: '{{input}} {{secret}}' }, /unknown slot secret/],
    ['that changes nothing', { system: null, template: null }, /changes nothing/],
    ['with a slot in the system prompt', { system: 'Be {{input}}', template: null }, /slot into the system prompt/],
    ['that keeps all and adds words', { system: 'Be brief.', template: 'Summarise: {{input}}' }, null],
  ])('proposal %s', (_, enhanced, fault) => {
    const answer = findProposalFault({ system: null, template: 'Summarise this for me: {{input}}' }, enhanced)
    if (fault === null) expect(answer).toBeNull()
    else expect(answer).toMatch(fault)
  })
})

describe('a changed text of several blocks', () => {
  const divide = (blocks: string[], text: string) => divideText(blocks, text)

  test('goes back into the blocks it came from', () => {
    expect(divide(['a', 'b', 'c'], 'a\n\nB!\n\nc')).toEqual(['a', 'B!', 'c'])
    expect(divide(['alpha', 'b', 'gamma'], 'alpha!\n\nb\n\ngamma!')).toEqual(['alpha!', 'b', 'gamma!'])
    expect(divide(['one\n\ntwo', 'three'], 'one\n\n2\n\n3')).toEqual(['one\n\n2', '3'])
    expect(divide(['a', 'b'], 'a\n\nadded\n\nb')).toEqual(['a', 'added\n\nb'])
  })

  test.each([
    ['merges two', ['a', 'b'], 'a b'],
    ['leaves one blank', ['a', 'b'], '\n\nb'],
    ['is empty', ['a', 'b'], ''],
  ])('that %s is left out', (_name, blocks, text) => expect(divide(blocks, text)).toBeNull())

  test('joined again is the text, and a block that no edit touched is the same', () => {
    const word = fc.stringMatching(/^[a-z\n ]{0,12}x$/)
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(), word, (blocks, place, changed) => {
        const index = place % blocks.length
        const wanted = blocks.with(index, changed)
        const divided = divide(blocks, wanted.join('\n\n'))
        expect(divided?.join('\n\n')).toBe(wanted.join('\n\n'))
        expect(divided?.filter((piece, at) => piece !== blocks[at]).length).toBeLessThanOrEqual(1)
      }),
    )
  })
})
