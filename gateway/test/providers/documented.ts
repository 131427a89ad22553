/**
 * Bodies in the shapes that providers document, for those of whom there are no recordings. Texts are shortened;
 * members, their types and their order are the documentation's, which `source` names.
 * Long, because it is a table of such bodies and nothing else.
 */
export interface Documented {
  kind: string
  source: string
  answer: string
  stream: string
  errors: { status: number; body: string; type: string; says: string }[]
  /** What a reader of any dialect must get from `answer`, and from `stream`. */
  says: {
    text: string
    reasoning?: string
    call?: { name: string; arguments: string }
    input: number
    output: number
    cached?: number
    finish: 'stop' | 'tool_calls' | 'length'
  }
  /** What the stream says that cannot be carried over to another dialect, and is named. */
  dropped?: string[]
}

const sse = (...chunks: object[]): string => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')
const done = 'data: [DONE]\n\n'
const chunkOf =
  (model: string) =>
  (choices: object[], rest: object = {}): object => ({
    id: 'chat-1',
    object: 'chat.completion.chunk',
    created: 1761231382,
    model,
    choices,
    ...rest,
  })

const azure = chunkOf('gpt-4o')
const xai = chunkOf('grok-4')
const together = chunkOf('openai/gpt-oss-20b')
const fireworks = chunkOf('accounts/fireworks/models/kimi-k2')
const cohere = chunkOf('command-a-03-2025')
const vllm = chunkOf('Qwen/Qwen3-8B')
const litellm = chunkOf('claude-sonnet-4-5')
const portkey = chunkOf('gpt-4o')
const ollama = chunkOf('gpt-oss:20b')
const cerebras = chunkOf('gpt-oss-120b')
const perplexity = (content: string, finish: string | null, completion: number): object => ({
  id: 'd14cd700',
  model: 'sonar-pro',
  created: 1755887465,
  usage: {
    prompt_tokens: 14,
    completion_tokens: completion,
    total_tokens: 14 + completion,
    search_context_size: 'low',
  },
  citations: ['https://example.com/stars'],
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      finish_reason: finish,
      message: { role: 'assistant', content: `so far${content}` },
      delta: { role: 'assistant', content },
    },
  ],
})

export const documented: Documented[] = [
  {
    kind: 'azure',
    source:
      'https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference; Azure/azure-rest-api-specs …/AzureOpenAI/inference/stable/2024-10-21/examples/chat_completions.json; https://learn.microsoft.com/en-us/azure/ai-foundry/openai/concepts/content-streaming',
    answer:
      '{"id":"chatcmpl-7R1n","created":1686676106,"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Ahoy matey!"}}],"usage":{"completion_tokens":557,"prompt_tokens":33,"total_tokens":590}}',
    stream:
      sse(
        {
          choices: [],
          created: 0,
          id: '',
          model: '',
          object: '',
          prompt_filter_results: [
            { prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: 'safe' } } },
          ],
        },
        azure([
          { index: 0, delta: { role: 'assistant', content: '' }, content_filter_results: {}, finish_reason: null },
        ]),
        azure([
          {
            index: 0,
            delta: { content: 'Ahoy matey!' },
            content_filter_results: { hate: { filtered: false, severity: 'safe' } },
            finish_reason: null,
          },
        ]),
        azure([{ index: 0, delta: {}, content_filter_results: {}, finish_reason: 'stop' }]),
        azure([], { usage: { completion_tokens: 557, prompt_tokens: 33, total_tokens: 590 } }),
      ) + done,
    errors: [
      {
        status: 404,
        body: '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
        type: 'not_found_error',
        says: 'does not exist',
      },
      {
        status: 401,
        body: '{"statusCode":401,"message":"Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired."}',
        type: 'authentication_error',
        says: 'Access token',
      },
      {
        status: 400,
        body: '{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
        type: 'invalid_request_error',
        says: 'filtered',
      },
    ],
    says: { text: 'Ahoy matey!', input: 33, output: 557, finish: 'stop' },
    dropped: ['prompt_filter_results'],
  },
  {
    kind: 'xai',
    source:
      'https://docs.x.ai/docs/api-reference#chat-completions (reasoning is counted beside the answer: total = prompt + completion + reasoning)',
    answer:
      '{"id":"0daf962f","object":"chat.completion","created":1743770624,"model":"grok-4","choices":[{"index":0,"message":{"role":"assistant","content":"303","reasoning_content":"Let me compute","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"text_tokens":32,"audio_tokens":0,"image_tokens":0,"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":94,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0},"num_sources_used":0},"system_fingerprint":"fp_1"}',
    stream:
      sse(
        xai([{ index: 0, delta: { reasoning_content: 'Let me', role: 'assistant' } }], { system_fingerprint: 'fp_1' }),
        xai([{ index: 0, delta: { reasoning_content: ' compute' } }]),
        xai([{ index: 0, delta: { content: '303', role: 'assistant' } }]),
        xai([{ index: 0, delta: {}, finish_reason: 'stop' }]),
        xai([], {
          usage: {
            prompt_tokens: 32,
            completion_tokens: 9,
            total_tokens: 135,
            prompt_tokens_details: { cached_tokens: 8 },
            completion_tokens_details: { reasoning_tokens: 94 },
          },
        }),
      ) + done,
    errors: [
      {
        status: 400,
        body: '{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***ys. You can obtain an API key from https://console.x.ai."}',
        type: 'invalid_request_error',
        says: 'Incorrect API key',
      },
    ],
    says: { text: '303', reasoning: 'Let me compute', input: 32, output: 103, cached: 8, finish: 'stop' },
  },
  {
    kind: 'together',
    source:
      'https://github.com/togethercomputer/openapi (ChatCompletionResponse, ChatCompletionChunk, ErrorData); https://docs.together.ai/docs/error-codes',
    answer:
      '{"id":"oBUtQrM-62bZhn","object":"chat.completion","created":1758039001,"model":"openai/gpt-oss-20b","prompt":[],"choices":[{"index":0,"finish_reason":"tool_calls","logprobs":null,"seed":8555,"message":{"role":"assistant","content":"","reasoning":"I need it","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Bonn\\"}"}}]}}],"usage":{"prompt_tokens":40,"completion_tokens":12,"total_tokens":52,"cached_tokens":0}}',
    stream:
      sse(
        together(
          [
            {
              index: 0,
              text: '',
              logprobs: null,
              finish_reason: null,
              seed: null,
              delta: { token_id: null, role: 'assistant', content: '', reasoning: 'I need it', tool_calls: null },
            },
          ],
          { usage: null },
        ),
        together(
          [
            {
              index: 0,
              text: '',
              logprobs: null,
              finish_reason: null,
              seed: null,
              delta: {
                role: 'assistant',
                content: '',
                tool_calls: [
                  { index: 0, id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } },
                ],
              },
            },
          ],
          { usage: null },
        ),
        together(
          [
            {
              index: 0,
              text: '',
              logprobs: null,
              finish_reason: null,
              seed: null,
              delta: {
                token_id: 9905,
                role: 'assistant',
                content: '',
                tool_calls: [{ index: 0, function: { arguments: '{"city":"Bonn"}' } }],
              },
            },
          ],
          { usage: null },
        ),
        together(
          [
            {
              index: 0,
              text: '',
              logprobs: null,
              finish_reason: 'tool_calls',
              seed: 8555,
              delta: { token_id: 128009, role: 'assistant', content: '', tool_calls: null },
            },
          ],
          { usage: { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 } },
        ),
      ) + done,
    errors: [
      {
        status: 401,
        body: '{"id":"oE1","error":{"message":"Invalid API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}',
        type: 'invalid_request_error',
        says: 'Invalid API key',
      },
      {
        status: 429,
        body: '{"error":{"message":"Rate limit reached","type":"model_rate_limit","param":null,"code":"model_rate_limit"}}',
        type: 'rate_limit_error',
        says: 'Rate limit',
      },
    ],
    says: {
      text: '',
      reasoning: 'I need it',
      call: { name: 'get_weather', arguments: '{"city":"Bonn"}' },
      input: 40,
      output: 12,
      finish: 'tool_calls',
    },
  },
  {
    kind: 'fireworks',
    source:
      'https://docs.fireworks.ai/api-reference/post-chatcompletions; https://docs.fireworks.ai/tools-sdks/openai-compatibility (usage in the last chunk, which has finish_reason)',
    answer:
      '{"id":"chat-1","object":"chat.completion","created":1761231382,"model":"accounts/fireworks/models/kimi-k2","choices":[{"index":0,"message":{"role":"assistant","content":"Hello","reasoning_content":"A greeting"},"finish_reason":"length"}],"usage":{"prompt_tokens":11,"total_tokens":21,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":4}}}',
    stream:
      sse(
        fireworks([{ index: 0, delta: { role: 'assistant' }, finish_reason: null }], { usage: null }),
        fireworks([{ index: 0, delta: { reasoning_content: 'A greeting' }, finish_reason: null }], { usage: null }),
        fireworks([{ index: 0, delta: { content: 'Hello' }, finish_reason: null }], { usage: null }),
        fireworks([{ index: 0, delta: {}, finish_reason: 'length' }], {
          usage: {
            prompt_tokens: 11,
            total_tokens: 21,
            completion_tokens: 10,
            prompt_tokens_details: { cached_tokens: 4 },
          },
        }),
      ) + done,
    errors: [
      {
        status: 404,
        body: '{"error":{"object":"error","type":"invalid_request_error","code":"NOT_FOUND","message":"Model not found, inaccessible, and/or not deployed"}}',
        type: 'invalid_request_error',
        says: 'not deployed',
      },
    ],
    says: { text: 'Hello', reasoning: 'A greeting', input: 11, output: 10, cached: 4, finish: 'length' },
  },
  {
    kind: 'cohere',
    source: 'https://docs.cohere.com/docs/compatibility-api; https://docs.cohere.com/reference/errors',
    answer:
      '{"id":"chat-1","created":1761231382,"model":"command-a-03-2025","object":"chat.completion","choices":[{"index":0,"finish_reason":"tool_calls","logprobs":null,"message":{"role":"assistant","content":"I will look it up.","tool_calls":[{"id":"get_flight_info0","type":"function","function":{"name":"get_flight_info","arguments":"{ \\"loc_destination\\": \\"Seattle\\", \\"loc_origin\\": \\"Miami\\" }"}}]}}],"usage":{"prompt_tokens":20,"completion_tokens":31,"total_tokens":51}}',
    stream:
      sse(
        cohere([{ index: 0, finish_reason: null, delta: { content: '', role: 'assistant' } }]),
        cohere([{ index: 0, finish_reason: null, delta: { content: 'I will look it up.' } }]),
        cohere([
          {
            index: 0,
            finish_reason: null,
            delta: {
              tool_calls: [
                {
                  index: 0,
                  id: 'get_flight_info0',
                  type: 'function',
                  function: { name: 'get_flight_info', arguments: '{ "loc_destination": "Seattle",' },
                },
              ],
            },
          },
        ]),
        cohere([
          {
            index: 0,
            finish_reason: null,
            delta: { tool_calls: [{ index: 0, function: { arguments: ' "loc_origin": "Miami" }' } }] },
          },
        ]),
        cohere([{ index: 0, finish_reason: 'tool_calls', delta: {} }]),
        cohere([], { usage: { prompt_tokens: 20, completion_tokens: 31, total_tokens: 51 } }),
      ) + done,
    errors: [
      {
        status: 401,
        body: '{"id":"8f6c","message":"invalid api token"}',
        type: 'authentication_error',
        says: 'invalid api token',
      },
      {
        status: 429,
        body: '{"message":"trial token rate limit exceeded, limit is 40 calls per minute"}',
        type: 'rate_limit_error',
        says: 'trial token',
      },
    ],
    says: {
      text: 'I will look it up.',
      call: { name: 'get_flight_info', arguments: '{ "loc_destination": "Seattle", "loc_origin": "Miami" }' },
      input: 20,
      output: 31,
      finish: 'tool_calls',
    },
  },
  {
    kind: 'ollama',
    source:
      'https://docs.ollama.com/api/openai-compatibility; https://github.com/ollama/ollama/blob/main/docs/api/openai-compatibility.mdx; openai/openai.go',
    answer:
      '{"id":"chatcmpl-302","object":"chat.completion","created":1761231382,"model":"gpt-oss:20b","system_fingerprint":"fp_ollama","choices":[{"index":0,"message":{"role":"assistant","content":"This is a test","reasoning":"Say it"},"finish_reason":"stop"}],"usage":{"prompt_tokens":33,"completion_tokens":7,"total_tokens":40}}',
    stream:
      sse(
        ollama([{ index: 0, delta: { role: 'assistant', content: '', reasoning: 'Say it' }, finish_reason: null }], {
          system_fingerprint: 'fp_ollama',
        }),
        ollama([{ index: 0, delta: { role: 'assistant', content: 'This is a test' }, finish_reason: null }], {
          system_fingerprint: 'fp_ollama',
        }),
        ollama([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: 'stop' }], {
          system_fingerprint: 'fp_ollama',
        }),
        ollama([], { usage: { prompt_tokens: 33, completion_tokens: 7, total_tokens: 40 } }),
      ) + done,
    errors: [
      {
        status: 404,
        body: '{"error":{"message":"model \\"none\\" not found, try pulling it first","type":"api_error","param":null,"code":null}}',
        type: 'not_found_error',
        says: 'try pulling',
      },
      {
        status: 400,
        body: '{"error":"invalid message content type"}',
        type: 'invalid_request_error',
        says: 'content type',
      },
    ],
    says: { text: 'This is a test', reasoning: 'Say it', input: 33, output: 7, finish: 'stop' },
  },
  {
    kind: 'vllm',
    source:
      'https://docs.vllm.ai/en/latest/features/reasoning_outputs.html; https://github.com/vllm-project/vllm/issues/3485 (its errors before 0.10)',
    answer:
      '{"id":"chat-1","object":"chat.completion","created":1761231382,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"message":{"role":"assistant","content":"9.8","refusal":null,"annotations":null,"audio":null,"function_call":null,"tool_calls":[],"reasoning":"Compare"},"logprobs":null,"finish_reason":"stop","stop_reason":null,"token_ids":null}],"service_tier":null,"system_fingerprint":null,"usage":{"prompt_tokens":21,"total_tokens":49,"completion_tokens":28,"prompt_tokens_details":null},"prompt_logprobs":null,"prompt_token_ids":null,"kv_transfer_params":null}',
    stream:
      sse(
        vllm([{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }], {
          prompt_token_ids: null,
        }),
        vllm([{ index: 0, delta: { reasoning: 'Compare' }, logprobs: null, finish_reason: null, token_ids: null }]),
        vllm([{ index: 0, delta: { content: '9.8' }, logprobs: null, finish_reason: null, token_ids: null }]),
        vllm([
          {
            index: 0,
            delta: { content: '' },
            logprobs: null,
            finish_reason: 'stop',
            stop_reason: null,
            token_ids: null,
          },
        ]),
        vllm([], { usage: { prompt_tokens: 21, total_tokens: 49, completion_tokens: 28 } }),
      ) + done,
    errors: [
      {
        status: 404,
        body: '{"object":"error","message":"The model `none` does not exist.","type":"NotFoundError","param":null,"code":404}',
        type: 'not_found_error',
        says: 'does not exist',
      },
      {
        status: 400,
        body: '{"error":{"message":"\\"auto\\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}}',
        type: 'invalid_request_error',
        says: 'tool-call-parser',
      },
      { status: 404, body: '{"detail":"Not Found"}', type: 'not_found_error', says: 'Not Found' },
    ],
    says: { text: '9.8', reasoning: 'Compare', input: 21, output: 28, finish: 'stop' },
  },
  {
    kind: 'litellm',
    source:
      'https://docs.litellm.ai/docs/reasoning_content; https://docs.litellm.ai/docs/proxy/user_keys; https://github.com/BerriAI/litellm/issues/20673 (its errors)',
    answer:
      '{"id":"chatcmpl-1","created":1761231382,"model":"claude-sonnet-4-5","object":"chat.completion","system_fingerprint":null,"choices":[{"finish_reason":"stop","index":0,"message":{"content":"Paris","role":"assistant","tool_calls":null,"function_call":null,"reasoning_content":"France","thinking_blocks":[{"type":"thinking","thinking":"France","signature":"EqoB"}]}}],"usage":{"completion_tokens":68,"prompt_tokens":42,"total_tokens":110,"completion_tokens_details":null,"prompt_tokens_details":{"audio_tokens":null,"cached_tokens":30},"cache_creation_input_tokens":0,"cache_read_input_tokens":30}}',
    stream:
      sse(
        litellm([
          {
            index: 0,
            delta: {
              reasoning_content: 'France',
              thinking_blocks: [{ type: 'thinking', thinking: 'France', signature: null }],
              content: '',
              role: 'assistant',
            },
          },
        ]),
        litellm([{ index: 0, delta: { content: 'Paris' } }]),
        litellm([{ finish_reason: 'stop', index: 0, delta: {} }]),
        litellm([{ index: 0, delta: {} }], {
          usage: {
            completion_tokens: 68,
            prompt_tokens: 42,
            total_tokens: 110,
            prompt_tokens_details: { cached_tokens: 30 },
          },
        }),
      ) + done,
    errors: [
      {
        status: 401,
        body: '{"error":{"message":"Authentication Error, Invalid proxy server token passed.","type":"token_not_found_in_db","param":"key","code":"401"}}',
        type: 'authentication_error',
        says: 'Invalid proxy server token',
      },
    ],
    says: { text: 'Paris', reasoning: 'France', input: 42, output: 68, cached: 30, finish: 'stop' },
  },
  {
    kind: 'portkey',
    source:
      'https://portkey.ai/docs/api-reference/inference-api/chat; https://github.com/Portkey-AI/gateway (src/handlers, src/middlewares)',
    answer:
      '{"id":"chat-1","object":"chat.completion","created":1761231382,"model":"gpt-4o","provider":"openai","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}',
    stream:
      sse(
        portkey([{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }]),
        portkey([{ index: 0, delta: {}, finish_reason: 'stop' }]),
        portkey([], { usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } }),
      ) + done,
    errors: [
      {
        status: 400,
        body: '{"status":"failure","message":"Either x-portkey-config or x-portkey-provider header is required"}',
        type: 'invalid_request_error',
        says: 'x-portkey-provider',
      },
      {
        status: 429,
        body: '{"error":{"message":"openai error: Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"},"provider":"openai"}',
        type: 'rate_limit_error',
        says: 'Rate limit',
      },
    ],
    says: { text: 'Hi', input: 9, output: 2, finish: 'stop' },
  },
  {
    kind: 'perplexity',
    source: 'https://docs.perplexity.ai/api-reference/chat-completions-post',
    answer:
      '{"id":"d14cd700","model":"sonar-pro","created":1755887465,"usage":{"prompt_tokens":14,"completion_tokens":23,"total_tokens":37,"search_context_size":"low","cost":{"total_cost":0.006}},"citations":["https://example.com/stars"],"search_results":[{"title":"Stars","url":"https://example.com/stars","date":"2025-01-01"}],"object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"So many[1]."},"delta":{"role":"assistant","content":""}}]}',
    stream: sse(perplexity('So', null, 1), perplexity(' many[1].', null, 22), perplexity('', 'stop', 23)),
    errors: [
      {
        status: 400,
        body: '{"error":{"message":"Invalid model \'none\'.","type":"invalid_model","code":400}}',
        type: 'invalid_request_error',
        says: 'Invalid model',
      },
      {
        status: 401,
        body: '<html><head><title>401 Authorization Required</title></head></html>',
        type: 'authentication_error',
        says: '401 Authorization Required',
      },
    ],
    says: { text: 'So many[1].', input: 14, output: 23, finish: 'stop' },
    dropped: ['citations'],
  },
  {
    kind: 'cerebras',
    source:
      'https://inference-docs.cerebras.ai/api-reference/chat-completions; https://inference-docs.cerebras.ai/capabilities/reasoning; https://inference-docs.cerebras.ai/support/error',
    answer:
      '{"id":"chatcmpl-292e","choices":[{"finish_reason":"stop","index":0,"message":{"content":"Hello!","reasoning":"Greet","role":"assistant"}}],"created":1723652473,"model":"gpt-oss-120b","system_fingerprint":"fp_1","object":"chat.completion","usage":{"prompt_tokens":12,"completion_tokens":25,"total_tokens":37,"prompt_tokens_details":{"cached_tokens":0}},"time_info":{"queue_time":0.0001,"prompt_time":0.001,"completion_time":0.01,"total_time":0.02,"created":1723652473}}',
    stream:
      sse(
        cerebras([{ delta: { role: 'assistant' }, index: 0 }], { system_fingerprint: 'fp_1' }),
        cerebras([{ delta: { reasoning: 'Greet' }, index: 0 }]),
        cerebras([{ delta: { content: 'Hello!' }, index: 0 }]),
        cerebras([{ delta: {}, finish_reason: 'stop', index: 0 }], {
          usage: {
            prompt_tokens: 12,
            completion_tokens: 25,
            total_tokens: 37,
            prompt_tokens_details: { cached_tokens: 0 },
          },
          time_info: { queue_time: 0.0001, total_time: 0.02 },
        }),
      ) + done,
    errors: [
      {
        status: 401,
        body: '{"message":"Wrong API Key","type":"invalid_request_error","param":"api_key","code":"wrong_api_key"}',
        type: 'invalid_request_error',
        says: 'Wrong API Key',
      },
      {
        status: 429,
        body: '{"message":"Requests per minute limit exceeded","type":"too_many_requests_error","param":"quota","code":"request_quota_exceeded"}',
        type: 'rate_limit_error',
        says: 'per minute',
      },
    ],
    says: { text: 'Hello!', reasoning: 'Greet', input: 12, output: 25, finish: 'stop' },
  },
  {
    kind: 'google',
    source:
      'https://ai.google.dev/api/generate-content; google-gemini/cookbook quickstarts/rest/Streaming_REST.ipynb (a finish reason in every chunk); https://ai.google.dev/gemini-api/docs/thinking',
    answer:
      '{"candidates":[{"content":{"parts":[{"text":"Counting","thought":true},{"text":"Two cats."}],"role":"model"},"finishReason":"STOP","index":0,"safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"NEGLIGIBLE"}]}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":3,"totalTokenCount":31,"cachedContentTokenCount":2,"promptTokensDetails":[{"modality":"TEXT","tokenCount":8}],"thoughtsTokenCount":20},"modelVersion":"gemini-2.5-flash","responseId":"r1"}',
    stream: [
      {
        candidates: [
          { content: { parts: [{ text: 'Counting', thought: true }], role: 'model' }, finishReason: 'STOP', index: 0 },
        ],
        modelVersion: 'gemini-2.5-flash',
        responseId: 'r1',
      },
      {
        candidates: [{ content: { parts: [{ text: 'Two cats.' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
        usageMetadata: {
          promptTokenCount: 8,
          candidatesTokenCount: 3,
          totalTokenCount: 31,
          cachedContentTokenCount: 2,
          thoughtsTokenCount: 20,
        },
      },
    ]
      .map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`)
      .join(''),
    errors: [
      {
        status: 400,
        body: '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}',
        type: 'invalid_request_error',
        says: 'API key not valid',
      },
      {
        status: 429,
        body: '[{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED"}}\n]',
        type: 'rate_limit_error',
        says: 'quota',
      },
    ],
    says: { text: 'Two cats.', reasoning: 'Counting', input: 8, output: 23, cached: 2, finish: 'stop' },
  },
]
