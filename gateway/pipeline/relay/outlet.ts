/** The caller's connection as an answer is written to it: what it does not take holds the provider back. */
import type { ServerResponse } from 'node:http'
import { createKeepAlive, type KeepAlive } from './keep-alive.ts'

/** A caller that reads nothing for so long is taken for gone. */
const stalledReaderMs = 600_000

export class Outlet {
  /** The connection takes no more for now. */
  blocked = false
  private readonly response: ServerResponse
  private readonly onDrain: () => void
  private stalledBefore = false
  private stalledTimer: NodeJS.Timeout | null = null
  private keepAlive: KeepAlive | null = null

  /** `onDrain`: it takes more again. */
  constructor(response: ServerResponse, onDrain: () => void) {
    this.response = response
    this.onDrain = onDrain
  }

  /** What is written is a stream of events: it must not fall silent. */
  keepEventsAlive(waitMs: number | undefined): void {
    this.keepAlive = createKeepAlive((comment) => {
      if (!this.blocked && !this.response.writableEnded) this.response.write(comment)
    }, waitMs)
  }

  /** `false` = nothing more should come until `onDrain`. */
  write(chunk: Buffer): boolean {
    if (this.response.write(this.keepAlive === null ? chunk : this.keepAlive.pass(chunk))) return true
    if (this.blocked) return false
    this.blocked = true
    this.stalledTimer = setTimeout(() => this.response.destroy(), stalledReaderMs).unref()
    this.response.once('drain', () => {
      this.clear()
      this.onDrain()
    })
    if (this.stalledBefore) return false
    this.stalledBefore = true
    this.response.once('close', () => this.clear())
    return false
  }

  /** No more is written; a caller that still does not take the rest keeps its timer. */
  close(): void {
    this.keepAlive?.stop()
    if (!this.blocked) this.clear()
  }

  private clear(): void {
    this.blocked = false
    if (this.stalledTimer) clearTimeout(this.stalledTimer)
    this.stalledTimer = null
  }
}
