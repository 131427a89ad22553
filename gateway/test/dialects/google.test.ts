import { describe, expect, test } from 'vitest'
import { translateAnswer, translateRequest } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'

type Body = Record<string, any>

/**
 * Bodies as https://ai.google.dev/api/generate-content, /gemini-api/docs/function-calling and
 * /gemini-api/docs/thought-signatures show them.
 */
describe("Google's generateContent as a provider", () => {
  const chat = `{"model":"gemini","messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"n\\": 1.0}"},"extra_content":{"google":{"thought_signature":"TS"}}}]},{"role":"tool","tool_call_id":"c1","content":"sunny"}],
    "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":{"type":"function","function":{"name":"f"}},"max_tokens":5,"stop":["E"],"reasoning_effort":"low",
    "response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}`

  test('a request', () => {
    const { body, dropped } = translateRequest(chat, { from: 'chat', to: 'google' }, { untranslatable: 'refuse' })
    expect(body).toContain('"args":{"n": 1.0}')
    expect(JSON.parse(body)).toEqual({
      systemInstruction: { parts: [{ text: 'S' }] },
      contents: [
        { role: 'user', parts: [{ text: 'x' }, { inlineData: { mimeType: 'image/png', data: 'AA==' } }] },
        { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'f', args: { n: 1 } }, thoughtSignature: 'TS' }] },
        { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'f', response: { result: 'sunny' } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object' } }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
      generationConfig: {
        maxOutputTokens: 5,
        stopSequences: ['E'],
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
        thinkingConfig: { thinkingLevel: 'low', includeThoughts: true },
      },
    })
    expect(dropped).toEqual([])
  })

  const answer = `{"candidates":[{"content":{"role":"model","parts":[{"text":"thinking","thought":true},{"text":"Hi"},{"functionCall":{"name":"f","args":{"n":1.0}},"thoughtSignature":"TS"}]},"finishReason":"STOP","index":0}],
    "usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":3,"totalTokenCount":18},"modelVersion":"gemini-3","responseId":"r1"}`

  test('an answer: thoughts, calls with signatures, usage', () => {
    const told = JSON.parse(translateAnswer(answer, { from: 'google', to: 'chat' }, 200).body) as Body
    expect(told.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Hi',
        reasoning_content: 'thinking',
        tool_calls: [
          {
            id: 'call_r1_0',
            function: { name: 'f', arguments: '{"n":1.0}' },
            extra_content: { google: { thought_signature: 'TS' } },
          },
        ],
      },
    })
    expect(told.usage).toMatchObject({
      prompt_tokens: 10,
      completion_tokens: 8,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 3 },
    })
  })

  test('the signature of a call comes back through a client of any dialect', () => {
    for (const to of ['messages', 'responses', 'chat'] as const) {
      const told = JSON.parse(translateAnswer(answer, { from: 'google', to }, 200).body) as Body
      const history =
        to === 'messages'
          ? { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content: told.content }] }
          : to === 'responses'
            ? { model: 'm', input: told.output }
            : { model: 'm', messages: [told.choices[0].message] }
      expect(
        translateRequest(JSON.stringify(history), { from: to, to: 'google' }, { untranslatable: 'drop' }).body,
      ).toContain('"thoughtSignature":"TS"')
    }
  })

  test('a stream, whole and cut off; a blocked prompt; an error', () => {
    const run = (stream: string): string => {
      const translator = new StreamTranslator({ from: 'google', to: 'messages' }, { includeUsage: true })
      return translator.push(Buffer.from(stream)) + translator.end()
    }
    const half = `data: {"candidates":[{"content":{"parts":[{"text":"He"}]}}],"modelVersion":"g","responseId":"r"}\r\n\r\n`
    const whole = `${half}data: {"candidates":[{"content":{"parts":[{"text":"llo"}]},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":3}}\r\n\r\n`
    expect(run(whole)).toContain('"stop_reason":"max_tokens"')
    expect(run(half)).toContain('before the answer was complete')
    expect(
      JSON.parse(
        translateAnswer('{"promptFeedback":{"blockReason":"SAFETY"}}', { from: 'google', to: 'messages' }, 200).body,
      ),
    ).toMatchObject({ stop_reason: 'refusal' })
    expect(
      JSON.parse(
        translateAnswer(
          '{"error":{"code":429,"message":"Slow","status":"RESOURCE_EXHAUSTED"}}',
          { from: 'google', to: 'messages' },
          429,
        ).body,
      ),
    ).toMatchObject({ error: { type: 'rate_limit_error', message: 'Slow' } })
  })
})
