import { createHash } from 'node:crypto'
import type { ConversationRequest, Settings } from '../model.ts'
import type { Fitting } from './fitting.ts'
import { nameOf, withSettings } from './settings.ts'

type Changes = Partial<Settings>

/** Numbers and lengths that the model or its provider bounds. */
export function fitLimits(request: ConversationRequest, fitting: Fitting): ConversationRequest {
  const { accepts } = fitting
  const changes: Changes = {
    ...fitMaxTokens(request, fitting),
    ...fitLength('user', accepts.maxUserCharacters, request, fitting),
    ...fitLength('promptCacheKey', accepts.maxCacheKeyCharacters, request, fitting),
    ...fitStop(request, fitting),
  }
  return Object.keys(changes).length === 0 ? request : withSettings(request, changes)
}

function fitMaxTokens(request: ConversationRequest, { accepts, report }: Fitting): Changes {
  const { maxTokens } = request.settings
  if (maxTokens === undefined) return {}
  const fitted = Math.min(accepts.maxOutputTokens ?? Infinity, Math.max(accepts.minOutputTokens ?? 0, maxTokens))
  if (fitted === maxTokens) return {}
  report.hint(nameOf(request, 'maxTokens'))
  return { maxTokens: fitted }
}

function fitLength(
  name: 'user' | 'promptCacheKey',
  maxCharacters: number | undefined,
  request: ConversationRequest,
  { report }: Fitting,
): Changes {
  const value = request.settings[name]
  if (value === undefined || value.length <= (maxCharacters ?? Infinity)) return {}
  report.hint(nameOf(request, name))
  return { [name]: toDigest(value) }
}

function fitStop(request: ConversationRequest, { accepts, report }: Fitting): Changes {
  const { stop } = request.settings
  const maxStops = accepts.maxStops ?? Infinity
  if (stop === undefined || stop.length <= maxStops) return {}
  for (let index = maxStops; index < stop.length; index++) report.drop(`${nameOf(request, 'stop')}[${index}]`)
  return { stop: stop.slice(0, maxStops) }
}

/** The same text gives the same digest, so that users stay apart and caches keep hitting. 64 characters. */
function toDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
