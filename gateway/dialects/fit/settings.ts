import type { ConversationRequest, SettingName, Settings } from '../model.ts'

/** The request with some of its settings changed; `undefined` takes one out. */
export function withSettings(request: ConversationRequest, changes: Partial<Settings>): ConversationRequest {
  return { ...request, settings: { ...request.settings, ...changes } }
}

/** What the caller's dialect calls a setting. */
export function nameOf({ names }: ConversationRequest, setting: SettingName): string {
  return names[setting] ?? setting
}
