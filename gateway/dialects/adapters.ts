import type { Adapter, ProviderAdapter } from './adapter.ts'
import { readChatAnswer, writeChatAnswer } from './chat/answer.ts'
import { readChatRequest } from './chat/request-in.ts'
import { writeChatRequest } from './chat/request-out.ts'
import { createChatStreamReader } from './chat/stream-in.ts'
import { createChatStreamWriter } from './chat/stream-out.ts'
import { readAnthropicError, readOpenAiError, writeAnthropicError, writeOpenAiError } from './errors.ts'
import { hasCandidates, readGoogleAnswer, readGoogleError } from './google/answer-in.ts'
import { writeGoogleRequest } from './google/request-out.ts'
import { createGoogleStreamReader } from './google/stream-in.ts'
import { readMessagesAnswer, writeMessagesAnswer } from './messages/answer.ts'
import { readMessagesRequest } from './messages/request-in.ts'
import { writeMessagesRequest } from './messages/request-out.ts'
import { createMessagesStreamReader } from './messages/stream-in.ts'
import { createMessagesStreamWriter } from './messages/stream-out.ts'
import type { ProviderWire, Wire } from '../../db/words/wire.ts'
import { readResponsesAnswer, readResponsesError } from './responses/answer-in.ts'
import { writeResponsesAnswer } from './responses/answer-out.ts'
import { readResponsesRequest } from './responses/request-in.ts'
import { writeResponsesRequest } from './responses/request-out.ts'
import { createResponsesStreamReader } from './responses/stream-in.ts'
import { createResponsesStreamWriter } from './responses/stream-out.ts'

/** The table of dialects: one row each. Every pair of rows is a translation. */
export const adapters: Readonly<Record<Wire, Adapter>> = {
  chat: {
    readRequest: readChatRequest,
    writeRequest: writeChatRequest,
    isAnswer: (body) => Array.isArray(body.choices),
    readAnswer: readChatAnswer,
    writeAnswer: writeChatAnswer,
    readError: readOpenAiError,
    writeError: writeOpenAiError,
    createStreamReader: createChatStreamReader,
    createStreamWriter: createChatStreamWriter,
  },
  responses: {
    readRequest: readResponsesRequest,
    writeRequest: writeResponsesRequest,
    isAnswer: (body) => Array.isArray(body.output),
    readAnswer: readResponsesAnswer,
    writeAnswer: writeResponsesAnswer,
    readError: readResponsesError,
    writeError: writeOpenAiError,
    createStreamReader: createResponsesStreamReader,
    createStreamWriter: createResponsesStreamWriter,
  },
  messages: {
    readRequest: readMessagesRequest,
    writeRequest: writeMessagesRequest,
    isAnswer: (body) => Array.isArray(body.content),
    readAnswer: readMessagesAnswer,
    writeAnswer: writeMessagesAnswer,
    // Servers that speak this dialect without being Anthropic often keep OpenAI's shape of errors.
    readError: (body) => readAnthropicError(body) ?? readOpenAiError(body),
    writeError: writeAnthropicError,
    createStreamReader: createMessagesStreamReader,
    createStreamWriter: createMessagesStreamWriter,
  },
}

/** Dialects that only providers speak have one half of a row. */
export const providerAdapters: Readonly<Record<ProviderWire, ProviderAdapter>> = {
  ...adapters,
  google: {
    writeRequest: writeGoogleRequest,
    isAnswer: hasCandidates,
    readAnswer: readGoogleAnswer,
    readError: readGoogleError,
    createStreamReader: createGoogleStreamReader,
  },
}
