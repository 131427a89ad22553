/** The caller's connection as an answer is written to it: what it does not take holds the provider back. */
import type { ServerResponse } from 'node:http'

/** A caller that reads nothing for so long is taken for gone. */
const stalledReaderMs = 600_000

export class Outlet {
  /** The connection takes no more for now. */
  blocked = false
  private readonly response: ServerResponse
  private readonly onDrain: () => void
  private stalledBefore = false
  private stalledTimer: NodeJS.Timeout | null = null

  /** `onDrain`: it takes more again. */
  constructor(response: ServerResponse, onDrain: () => void) {
    this.response = response
    this.onDrain = onDrain
  }

  /** `false` = nothing more should come until `onDrain`. */
  write(chunk: Buffer): boolean {
    if (this.response.write(chunk)) return true
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
    if (!this.blocked) this.clear()
  }

  private clear(): void {
    this.blocked = false
    if (this.stalledTimer) clearTimeout(this.stalledTimer)
    this.stalledTimer = null
  }
}
