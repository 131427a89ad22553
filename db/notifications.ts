/**
 * PostgreSQL's NOTIFY: how one process wakes another without Redis. A missed one costs time, never data: every listener
 * also polls.
 */
import { Client } from 'pg'

export type Channel =
  | 'sinew_exchanges'
  | 'sinew_outbox'
  | 'sinew_snapshot'
  | 'sinew_snapshot_applied'
  | 'sinew_learning'

export interface Notifications {
  /** Whether the connection stands at this moment. */
  readonly connected: boolean
  /** Sends to every listener; false when there is no connection. */
  notify(channel: Channel, payload: string): Promise<boolean>
  close(): Promise<void>
}

const retryMinMs = 100
const retryMaxMs = 5_000

/**
 * Listens on its own connection and comes back by itself. `onMessage` is called for each message, and with `null` as
 * the payload after every (re)connect, because something may have been missed.
 */
export function openNotifications(
  databaseUrl: string,
  channels: Channel[],
  onMessage: (channel: Channel, payload: string | null) => void,
): Notifications {
  let client: Client | null = null
  let connected = false
  let closed = false
  let retryMs = retryMinMs
  let timer: NodeJS.Timeout | null = null

  async function connect(): Promise<void> {
    const attempt = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, keepAlive: true })
    client = attempt
    attempt.on('error', () => lost(attempt))
    attempt.on('end', () => lost(attempt))
    attempt.on('notification', (message) => onMessage(message.channel as Channel, message.payload ?? ''))
    try {
      await attempt.connect()
      for (const channel of channels) await attempt.query(`listen ${channel}`)
      if (closed) return void attempt.end()
      connected = true
      retryMs = retryMinMs
      for (const channel of channels) onMessage(channel, null)
    } catch {
      lost(attempt)
    }
  }

  function lost(which: Client): void {
    if (which !== client) return
    client = null
    connected = false
    void which.end().catch(() => {})
    if (closed) return
    timer = setTimeout(() => void connect(), retryMs)
    retryMs = Math.min(retryMs * 2, retryMaxMs)
  }

  void connect()
  return {
    get connected() {
      return connected
    },
    async notify(channel, payload) {
      if (!client || !connected) return false
      try {
        await client.query('select pg_notify($1, $2)', [channel, payload])
        return true
      } catch {
        return false
      }
    },
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      const last = client
      client = null
      connected = false
      await last?.end().catch(() => {})
    },
  }
}
