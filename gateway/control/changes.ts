/** The process's one LISTEN connection, shared by every subscription and by decisions that wait for a gateway. */
import { EventEmitter } from 'node:events'
import { openNotifications, type Channel } from '../../db/notifications.ts'

export interface Changes {
  readonly connected: boolean
  /**
   * Calls `onChange` for each message, and after every reconnect, when something may have been missed. Answers how to
   * stop.
   */
  on(channel: Channel, onChange: (payload: string | null) => void): () => void
  /** Whether a message has come since then, or may have been missed. */
  hasChangedSince(channel: Channel, sinceMs: number): boolean
  /** Attach before causing what is waited for. True when the message came in time. */
  waitFor(channel: Channel, payload: string, timeoutMs: number): Promise<boolean>
  close(): Promise<void>
}

export function openChanges(databaseUrl: string): Changes {
  const messages = new EventEmitter()
  // One listener for each open page: there is no number at which that is a leak.
  messages.setMaxListeners(0)
  const openedAt = Date.now()
  const lastAt = new Map<Channel, number>()
  const notifications = openNotifications(
    databaseUrl,
    ['sinew_exchanges', 'sinew_learning', 'sinew_snapshot_applied'],
    (channel, payload) => {
      lastAt.set(channel, Date.now())
      messages.emit(channel, payload)
    },
  )

  return {
    get connected() {
      return notifications.connected
    },
    on(channel, onChange) {
      messages.on(channel, onChange)
      return () => messages.off(channel, onChange)
    },
    hasChangedSince: (channel, sinceMs) => !notifications.connected || (lastAt.get(channel) ?? openedAt) >= sinceMs,
    waitFor(channel, payload, timeoutMs) {
      return new Promise((resolve) => {
        const onMessage = (message: string | null): void => void (message === payload && finish(true))
        const finish = (came: boolean): void => {
          clearTimeout(timer)
          messages.off(channel, onMessage)
          resolve(came)
        }
        const timer = setTimeout(finish, timeoutMs, false)
        messages.on(channel, onMessage)
      })
    },
    close: () => notifications.close(),
  }
}
