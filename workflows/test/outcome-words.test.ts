import { describe, expect, test } from 'vitest'
import { isUnfinished } from '../domain/outcomes/cut-short.ts'
import { readsAsDecline } from '../domain/outcomes/decline.ts'
import { findEnding } from '../domain/outcomes/endings.ts'
import { readNextTurn } from '../domain/outcomes/next-turn.ts'

describe('a decline is seen in any language', () => {
  test.each([
    'I do not have information about your account.',
    'Das kann ich leider nicht beantworten.',
    "Désolé, cela m'est impossible.",
    'No estoy autorizado a compartir esa información.',
    'Não posso cumprir esse pedido.',
    'Non sono in grado di fornire consulenza legale.',
    'Het spijt me, maar ik kan dit verzoek niet uitvoeren.',
    'Nie mogę udzielić porady prawnej.',
    'К сожалению, это противоречит моим правилам.',
    '很抱歉，我无法满足您的要求。',
    'そのようなご要望にはお応えいたしかねます。',
    '죄송합니다만, 해당 내용은 제공할 수 없습니다.',
    'عذرًا، لا يمكنني تقديم هذه المعلومات.',
    'Üzgünüm, bunu yapamam.',
    'Beklager, men jeg kan ikke hjelpe med det.',
    'क्षमा करें, मैं यह नहीं कर सकता।',
  ])('%s', (text) => expect(readsAsDecline(text)).toBe(true))
})

describe('an answer that holds the words of a decline is none', () => {
  test.each([
    "I can't see any bug in your code; it should work as it is.",
    'I cannot recommend this restaurant enough: the pasta is superb.',
    'As an AI developer, you cannot ignore privacy. Start with data minimisation.',
    "I don't know for sure, but the most likely cause is a loose cable; check the connector on the back first.",
    'Sure! Here is a polite decline: "I\'m sorry, but I can\'t help with that."',
    'Leider ist der Artikel ausverkauft. Er kommt nächste Woche wieder.',
    '这个函数不能处理负数，因为开方没有定义。',
    'この関数は負の数を処理できません。',
  ])('%s', (text) => expect(readsAsDecline(text)).toBe(false))
})

describe('what the user says next is read in any language', () => {
  const asked = 'How do I export a chart as PNG in Excel?'
  test.each([
    ['doesnt work', 'corrected'],
    ["this isn't right", 'corrected'],
    ['Thanks, but it still gives me an error.', 'corrected'],
    ['Das hat nicht funktioniert.', 'corrected'],
    ['Ça ne m’aide pas.', 'corrected'],
    ['这不对。', 'corrected'],
    ['안 되는데요', 'corrected'],
    ['هذا خطأ', 'corrected'],
    ['ok thanks, and as PDF?', 'thanked'],
    ['Dziękuję bardzo', 'thanked'],
    ['What about a chart as SVG?', 'went_on'],
    ['Can the chart be exported to PNG from Excel somehow?', 'asked_again'],
    ['Is the quality of PNG wrong for print?', null],
    ['Translate to German: this does not work', null],
  ])('%s', (next, turn) => expect(readNextTurn(asked, next)).toBe(turn))
})

describe('whose doing an error is stands in one table', () => {
  test.each([
    [400, 'unsupported_parameter', 'Unsupported parameter: max_tokens', 'none', 'caller_request'],
    [400, 'context_length_exceeded', 'too long', 'none', 'too_big'],
    [401, 'invalid_api_key', 'no', 'none', 'caller_key'],
    [429, '429', 'slow down', 'none', 'limited'],
    [503, 'unavailable', 'no', 'none', 'provider_error'],
    [200, '503', 'overloaded', 'none', undefined],
    [400, 'content_policy_violation', 'x', 'failure', 'refusal'],
    [200, 'malformed_function_call', 'x', 'failure', 'invalid_arguments'],
    [400, 'tool_use_failed', 'x', 'failure', 'invalid_arguments'],
    [400, 'json_validate_failed', 'x', 'failure', 'invalid_json'],
  ])('%i %s', (status, code, message, verdict, rule) => {
    const ending = findEnding(status, { code, message })
    expect(ending?.verdict ?? 'none').toBe(verdict)
    expect(ending?.code).toBe(rule)
  })
})

test.each([
  ['In conclusion, we should invest in education because it', true],
  ['The plan has three parts. First, we collect the data. Second, we clean it. Third, we', true],
  ['<p>Hello</p>\n<div class="a', true],
  ['Click the button to log in', false],
  ['To be or not to be', false],
  ['Roses are red\nViolets are blue\nSugar is sweet\nAnd so are you', false],
])('whether a text stops in the middle: %s', (text, unfinished) => expect(isUnfinished(text) >= 0.5).toBe(unfinished))
