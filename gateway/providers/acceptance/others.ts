/** Providers that do as OpenAI does, where they do not. */
import type { AcceptanceRow } from './row.ts'

export const others: readonly AcceptanceRow[] = [
  {
    source: 'OpenRouter documentation: API reference, Parameters (user up to 128); Reasoning tokens (effort none)',
    kinds: ['openrouter'],
    accepts: { maxUserCharacters: 128, reasoning: { off: 'word' } },
  },
  {
    source: 'Ollama documentation: OpenAI compatibility (reasoning_effort high, medium, low, none)',
    kinds: ['ollama'],
    wires: ['chat', 'responses'],
    accepts: { reasoning: { efforts: ['low', 'medium', 'high'], off: 'word' } },
  },
  {
    source: 'DeepSeek documentation: JSON output (json_object only)',
    kinds: ['deepseek'],
    wires: ['chat'],
    accepts: { formats: 'json' },
  },
  {
    source: 'Groq documentation: Reasoning (GPT-OSS: low, medium, high)',
    kinds: ['groq'],
    accepts: { reasoning: { efforts: ['low', 'medium', 'high'] } },
  },
  {
    source: 'Groq documentation: Reasoning (Qwen 3: none, default)',
    kinds: ['groq'],
    models: /qwen/,
    accepts: { reasoning: { efforts: ['default'], off: 'word' } },
  },
  {
    source: 'public report: "reasoning_effort is not supported with this model" at models without reasoning',
    kinds: ['groq'],
    models: /llama|kimi|gemma|mixtral|compound|allam/,
    accepts: { reasoning: { known: false } },
  },
  {
    source: 'Cerebras documentation: Reasoning (low, medium, high)',
    kinds: ['cerebras', 'together', 'fireworks'],
    wires: ['chat'],
    accepts: { reasoning: { efforts: ['low', 'medium', 'high'] } },
  },
  {
    source: 'Cohere documentation: Compatibility API (reasoning_effort none or high)',
    kinds: ['cohere'],
    accepts: { reasoning: { efforts: ['high'], off: 'word' } },
  },
  {
    source: 'Mistral documentation: Reasoning (reasoning_effort none or high)',
    kinds: ['mistral'],
    accepts: { reasoning: { efforts: ['high'] } },
  },
  {
    source: 'xAI documentation: Reasoning (Grok 3 mini: low, high)',
    kinds: ['xai'],
    models: /grok-3-mini/,
    accepts: { reasoning: { efforts: ['low', 'high'] }, refuses: ['stop', 'frequencyPenalty', 'presencePenalty'] },
  },
  {
    source: 'xAI documentation: Reasoning (Grok 4 knows no reasoning_effort, stop or penalties)',
    kinds: ['xai'],
    models: /grok-4(?!\.)|grok-code/,
    accepts: { reasoning: { known: false }, refuses: ['stop', 'frequencyPenalty', 'presencePenalty'] },
  },
]
