/** What every client must be able to do through the gateway, whatever its provider speaks. */
import { readAnswer } from '../../../workflows/test/recorded.ts'
import { afterEach, describe, expect, test } from 'vitest'
import type { ProviderConfig } from '../../../db/words/provider.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { wireOf } from '../../../workflows/domain/exchanges/wire.ts'
import {
  callerKey,
  closeAll,
  startGateway,
  unexpected,
  until,
  type GatewayOptions,
  type TestGateway,
} from '../harness.ts'
import type { Ask, Client, Heard, RunTool } from './client.ts'
import { answerTo, breakage, errors, extracted, prompts, textOf, usage, type Asked, type Scenario } from './said.ts'
import { startStandIn, type StandIn } from './stand-in.ts'

export const providers: Record<Wire, Partial<ProviderConfig>> = {
  chat: { kind: 'openai-compatible', dialect: 'openai', wires: ['chat'] },
  responses: { kind: 'openai-compatible', dialect: 'openai', wires: ['responses'] },
  messages: { kind: 'anthropic-compatible', dialect: 'anthropic', wires: ['messages'] },
}

export async function openProvider(
  wire: Wire,
  model: string,
  options: GatewayOptions = {},
): Promise<{ standIn: StandIn; gateway: TestGateway }> {
  const standIn = await startStandIn()
  const provider = providers[wire]
  const gateway = await startGateway({
    ...options,
    providers: [
      {
        ...provider,
        name: 'p',
        baseUrl: provider.dialect === 'anthropic' ? standIn.origin : `${standIn.origin}/v1`,
        models: [model],
      },
    ],
  })
  return { standIn, gateway }
}

const nothingAsked: Asked = { prompt: '', system: null, tools: [], forced: null, structured: false, results: [] }
const counted = { input: usage.input, output: usage.output, cached: usage.cached }
const run: RunTool = ({ name, arguments: input }) => `${name} of ${JSON.stringify(input)}`

export function describeClient(client: Client): void {
  afterEach(async () => {
    await closeAll()
    expect(unexpected.splice(0)).toEqual([])
  })

  describe.each(Object.keys(providers) as Wire[])(`${client.name}, from a provider that speaks %s`, (wire) => {
    const open = async () => {
      const { standIn, gateway } = await openProvider(wire, client.model)
      return { standIn, gateway, conversation: client.open(gateway.url, callerKey, client.model, wire) }
    }
    const expected = (scenario: Scenario, stream: boolean, more: Partial<Asked> = {}): Heard => {
      const said = answerTo({ ...nothingAsked, prompt: prompts[scenario], ...more })
      const early = stream && client.limits?.readsInputFirst === true && wire !== client.wire
      return {
        text: textOf(said),
        calls: said.calls,
        stop: said.stop,
        usage: early ? { ...counted, input: 0, cached: 0 } : counted,
      }
    }
    const ask = (scenario: Scenario, stream: boolean, system?: string): Ask => ({
      prompt: prompts[scenario],
      stream,
      ...(system !== undefined && { system }),
    })

    describe.each([{ stream: false }, { stream: true }])('stream $stream', ({ stream }) => {
      test('a text, its end and its usage are heard as they were said, and recorded so', async () => {
        const { standIn, gateway, conversation } = await open()
        expectHeard(await conversation.say(ask('hello', stream, 'Be kind.')), expected('hello', stream))
        expect(standIn.asked).toEqual([{ ...nothingAsked, prompt: prompts.hello, system: 'Be kind.', wire, stream }])
        const { outcome, response } = await until('the outcome', () => gateway.journal.outcomes()[0])
        expect(outcome).toMatchObject({ status: 'ok', httpStatus: 200, errorCode: null })
        const [recorded] = gateway.journal.intents()
        const read = readAnswer(wireOf(recorded?.intent.endpoint ?? ''), stream, response.toString())
        expect(read).toMatchObject({ content: expected('hello', stream).text, toolCalls: [], refusal: false })
        expect(outcome.usage ?? read.usage).toEqual({
          inputTokens: usage.input,
          outputTokens: usage.output,
          cachedInputTokens: usage.cached,
          reasoningTokens: usage.reasoning,
        })
      })

      test('an answer that ran out of room says so', async () => {
        const { conversation } = await open()
        expectHeard(await conversation.say(ask('cut', stream)), expected('cut', stream))
      })

      if (client.tellsRefusals === true) {
        test('a refusal that the model declared stays one', async () => {
          const { conversation } = await open()
          expectHeard(await conversation.say(ask('refusal', stream)), expected('refusal', stream))
        })
      }

      test('parallel calls of tools are run, and their results answered', async () => {
        const { standIn, gateway, conversation } = await open()
        const { first, last } = await conversation.useTools(ask('weather', stream), run)
        const said = expected('weather', stream, { tools: ['weather', 'clock'] })
        expectHeard(first, said)
        const results = said.calls.map((call) => ({ call: call.name, output: run(call) }))
        expect(standIn.asked.at(-1)).toMatchObject({ tools: ['weather', 'clock'], results })
        expectHeard(last, expected('weather', stream, { results }))
        const { response } = await until('the outcome', () => gateway.journal.outcomes()[0])
        const recorded = readAnswer(client.wire, stream, response.toString()).toolCalls
        expect(
          recorded.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments || '{}') as unknown })),
        ).toEqual(said.calls)
      })

      test('facts come in the form that was asked for', async () => {
        const { conversation } = await open()
        expect(await conversation.extract(ask('extract', stream))).toEqual(extracted)
      })

      test.each(['badField', 'tooMany', 'down'] as const)(
        "a provider's error arrives as the library's own: %s",
        async (scenario) => {
          const { gateway, conversation } = await open()
          const failure = conversation.readFailure(await caught(conversation.say(ask(scenario, stream))))
          expect(failure).toEqual({
            status: errors[scenario]?.status,
            message: expect.stringContaining(errors[scenario]?.message ?? '?') as string,
          })
          expect((await until('the outcome', () => gateway.journal.outcomes()[0])).outcome).toMatchObject({
            status: 'error',
            httpStatus: errors[scenario]?.status,
          })
        },
      )
    })

    test('a wrong key and an unknown model are told in the words of the library', async () => {
      const { gateway, standIn, conversation } = await open()
      const stranger = client.open(gateway.url, 'wrong', client.model, wire)
      expect(stranger.readFailure(await caught(stranger.say(ask('hello', false))))).toMatchObject({ status: 401 })
      const lost = client.open(gateway.url, callerKey, 'no-such-model', wire)
      expect(lost.readFailure(await caught(lost.say(ask('hello', false))))).toEqual({
        status: 404,
        message: expect.stringContaining('no-such-model') as string,
      })
      expect(conversation).toBeDefined()
      expect(standIn.seen).toEqual([])
    })

    test('an error in the middle of a stream is an error, with its message', async () => {
      const { gateway, conversation } = await open()
      const said = conversation.say(ask('breaks', true))
      if (client.limits?.deafToErrors === wire) expect(await said).toMatchObject({ stop: null, usage: { output: -1 } })
      else expect(conversation.readFailure(await caught(said)).message).toContain(breakage)
      expect((await until('the outcome', () => gateway.journal.outcomes()[0])).outcome).toMatchObject({
        status: 'error',
      })
    })

    test('a stream that breaks off is no answer', async () => {
      const { gateway, conversation } = await open()
      expect(await caught(conversation.say(ask('truncates', true)))).toBeDefined()
      expect((await until('the outcome', () => gateway.journal.outcomes()[0])).outcome).toMatchObject({
        status: 'truncated',
      })
    })

    test('a caller that goes away ends the call upstream', async () => {
      const { standIn, gateway, conversation } = await open()
      await conversation.leave(ask('hangs', true))
      await until('the upstream is let go', () => standIn.left === 1)
      expect((await until('the outcome', () => gateway.journal.outcomes()[0])).outcome).toMatchObject({
        status: 'cancelled',
      })
    })
  })
}

class Caught {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

/** What the library does not tell is not asked for. */
function expectHeard(heard: Heard, { stop, usage: { cached, ...used }, ...said }: Heard): void {
  expect(heard).toEqual({
    ...said,
    stop: heard.stop === null ? null : stop,
    usage: { ...used, cached: heard.usage.cached === null ? null : cached },
  })
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  const answer = await promise.catch((error: unknown) => new Caught(error))
  if (answer instanceof Caught) return answer.error
  throw new Error(`there was no error, but ${JSON.stringify(answer)}`)
}
