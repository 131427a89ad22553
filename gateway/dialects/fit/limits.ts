import { createHash } from 'node:crypto'
import type { ConversationRequest, Settings } from '../model.ts'
import type { Fitting } from './fitting.ts'
import { nameOf, withSettings } from './settings.ts'

/** Numbers and lengths that the model or its provider bounds. */
// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
export function fitLimits(request: ConversationRequest, { accepts, report }: Fitting): ConversationRequest {
  const { settings } = request
  const changes: { -readonly [Name in keyof Settings]?: Settings[Name] } = {}
  const { maxTokens, user, promptCacheKey, stop } = settings
  const { minOutputTokens = 0, maxOutputTokens = Infinity, maxStops = Infinity } = accepts
  if (maxTokens !== undefined && (maxTokens < minOutputTokens || maxTokens > maxOutputTokens)) {
    changes.maxTokens = Math.min(maxOutputTokens, Math.max(minOutputTokens, maxTokens))
    report.hint(nameOf(request, 'maxTokens'))
  }
  if (user !== undefined && user.length > (accepts.maxUserCharacters ?? Infinity)) {
    changes.user = toDigest(user)
    report.hint(nameOf(request, 'user'))
  }
  if (promptCacheKey !== undefined && promptCacheKey.length > (accepts.maxCacheKeyCharacters ?? Infinity)) {
    changes.promptCacheKey = toDigest(promptCacheKey)
    report.hint(nameOf(request, 'promptCacheKey'))
  }
  if (stop !== undefined && stop.length > maxStops) {
    for (let index = maxStops; index < stop.length; index++) report.drop(`${nameOf(request, 'stop')}[${index}]`)
    changes.stop = stop.slice(0, maxStops)
  }
  return Object.keys(changes).length === 0 ? request : withSettings(request, changes)
}

/** The same text gives the same digest, so that users stay apart and caches keep hitting. 64 characters. */
function toDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
