/** OpenAI's own models, at OpenAI and Azure. */
import type { AcceptanceRow } from './row.ts'

const kinds = ['openai', 'azure']
const sampling = ['temperature', 'topP', 'frequencyPenalty', 'presencePenalty', 'logprobs', 'topLogprobs'] as const

export const openai: readonly AcceptanceRow[] = [
  {
    source: 'public report: "tool_calls[0].id: string too long. Expected a string with maximum length 40"',
    kinds,
    wires: ['chat'],
    accepts: { maxCallIdCharacters: 40 },
  },
  {
    source: 'OpenAI documentation: Function calling, Structured outputs (the root of a schema is an object, not anyOf)',
    kinds,
    accepts: { toolSchemas: 'plain' },
  },
  {
    source: 'OpenAI documentation: Images and vision (PNG, JPEG, WEBP, GIF)',
    kinds,
    accepts: { images: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] },
  },
  {
    source: 'public report: "Unrecognized request argument supplied: reasoning_effort" at models without reasoning',
    kinds,
    models: /^(?:ft:)?(?:gpt-[34]|chatgpt-|gpt-audio|gpt-5(?:\.\d+)?-chat)/,
    accepts: { reasoning: { known: false } },
  },
  {
    source: 'OpenAI documentation: Reasoning models (o-series: efforts, no sampling, no parallel_tool_calls, no stop)',
    kinds,
    models: /^(?:ft:)?o\d/,
    accepts: {
      refuses: [...sampling, 'parallelTools', 'stop'],
      reasoning: { efforts: ['low', 'medium', 'high'], off: { effort: 'low' } },
    },
  },
  {
    source: 'OpenAI documentation: Using GPT-5 (efforts from minimal, no sampling)',
    kinds,
    models: /^gpt-5(?!\.)(?!-chat)/,
    accepts: {
      refuses: [...sampling, 'stop'],
      reasoning: { efforts: ['minimal', 'low', 'medium', 'high'], off: { effort: 'minimal' } },
    },
  },
  {
    source: 'OpenAI documentation: Using GPT-5.1 (efforts from none; sampling only without reasoning)',
    kinds,
    models: /^gpt-5\.1(?!-chat)/,
    accepts: {
      refusesWithReasoning: sampling,
      refuses: ['stop'],
      reasoning: { efforts: ['low', 'medium', 'high'], off: 'word', onByDefault: true },
    },
  },
  {
    source: 'OpenAI documentation: Using GPT-5.2 and later (xhigh)',
    kinds,
    models: /^gpt-(?:5\.(?:[2-9]|\d\d)|[6-9])(?!.*-chat)/,
    accepts: {
      refusesWithReasoning: sampling,
      refuses: ['stop'],
      reasoning: { efforts: ['low', 'medium', 'high', 'xhigh'], off: 'word', onByDefault: true },
    },
  },
  {
    source: 'OpenAI documentation: model pages of the codex models (no none, no minimal)',
    kinds,
    models: /codex/,
    accepts: { reasoning: { efforts: ['low', 'medium', 'high'], off: { effort: 'low' } } },
  },
  {
    source: 'OpenAI documentation: model pages of the later codex models (xhigh)',
    kinds,
    models: /^gpt-5\.1-codex-max|^gpt-5\.(?:[2-9]|\d\d).*codex/,
    accepts: { reasoning: { efforts: ['low', 'medium', 'high', 'xhigh'] } },
  },
  {
    source: 'OpenAI documentation: model page of GPT-5 pro (high only)',
    kinds,
    models: /^gpt-5-pro/,
    accepts: { reasoning: { efforts: ['high'], off: { effort: 'high' } } },
  },
  {
    source: 'OpenAI documentation: model page of GPT-5.2 pro (medium, high, xhigh)',
    kinds,
    models: /^gpt-5\.\d+-pro/,
    accepts: { reasoning: { efforts: ['medium', 'high', 'xhigh'], off: { effort: 'medium' } } },
  },
]
