import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAskedAgain, readLatestUserText } from '../domain/outcomes/asked-again.ts'

describe('the same question in other words is noticed', () => {
  test.each([
    ['How do I reset my password?', 'I asked how the password can be reset, I forgot it'],
    ['Write a poem about autumn in Vienna', 'No, please write me the poem again: Vienna, autumn'],
    ['Convert this CSV file to JSON lines', 'I need the CSV file converted into JSON lines, please'],
    ['What is the capital of Australia?', 'Tell me again what the capital of Australia really is'],
    ['Sort the invoices by due date and list the overdue ones', 'List the overdue invoices, sorted by their due date!'],
    ['Wie hoch ist der Eiffelturm?', 'Bitte noch mal: der Eiffelturm, wie hoch ist er?'],
  ])('%s / %s', (first, second) => expect(isAskedAgain(first, second)).toBe(true))
})

describe('another question is not taken for it', () => {
  test.each([
    ['the same template with another value', "Translate 'cat' to French", "Translate 'dog' to French"],
    [
      'a long template with another value',
      'Summarise the following customer review in one sentence and name the product: kettle leaks',
      'Summarise the following customer review in one sentence and name the product: lamp flickers',
    ],
    [
      'the same template with a value that is a word of its own',
      'Classify this review and name the product it is about: kettle',
      'Classify this review and name the product it is about: name',
    ],
    ['another number', 'What is 12 times 7?', 'Again, what would 13 times 7 be?'],
    [
      'the very same words, as a retry or a loop sends them',
      'Summarise this text: hello',
      'Summarise this text: hello',
    ],
    [
      'the next step',
      'How do I reset my password?',
      'Fine, I clicked reset password, but no mail arrives in my inbox after an hour',
    ],
    ['thanks', 'How do I reset my password?', 'Thank you, that worked!'],
    ['another subject', 'Write a poem about autumn in Vienna', 'Now a haiku on spring in Paris'],
    ['a word too few to tell', 'Hello', 'Hello again'],
    ['nothing', '', ''],
  ])('%s', (_, first, second) => expect(isAskedAgain(first, second)).toBe(false))

  test('of any two values of one template', () => {
    // Long enough not to be a word of grammar, which is no value.
    const value = fc.stringMatching(/^[a-z]{5,12}$/)
    fc.assert(
      fc.property(value, value, (one, other) => {
        const template = (text: string): string =>
          `Classify the sentiment of this review as positive, neutral or negative and name the product it is about: ${text}`
        expect(isAskedAgain(template(one), template(other))).toBe(false)
      }),
    )
  })

  test('and looking is bounded and never throws, whatever is compared', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.string({ maxLength: 300 }),
        (one, other) => void isAskedAgain(one, other),
      ),
    )
    expect(isAskedAgain('word '.repeat(100_000), 'other word '.repeat(100_000))).toBe(false)
  })
})

describe("the user's latest text", () => {
  test.each<[string, unknown, string | null]>([
    [
      'a string',
      {
        messages: [
          { role: 'user', content: 'one' },
          { role: 'assistant', content: 'x' },
          { role: 'user', content: 'two' },
        ],
      },
      'two',
    ],
    ['parts', { messages: [{ role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'two' }] }] }, 'two'],
    ["the Responses API's input", { input: 'two' }, 'two'],
    ["the Responses API's items", { input: [{ role: 'user', content: [{ type: 'input_text', text: 'two' }] }] }, 'two'],
    [
      "a tool's result",
      {
        messages: [
          { role: 'user', content: 'one' },
          { role: 'tool', content: 'x' },
        ],
      },
      null,
    ],
    [
      "a tool's result of Messages",
      { messages: [{ role: 'user', content: [{ type: 'tool_result' }, { type: 'text', text: 'x' }] }] },
      null,
    ],
    ['nothing', null, null],
  ])('%s', (_, body, text) => expect(readLatestUserText(body)).toBe(text))
})
