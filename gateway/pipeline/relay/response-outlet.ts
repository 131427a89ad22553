/** The caller's connection as a relay's outlet: what it does not take holds the provider back. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Block } from '../../bytes/block.ts'
import type { Refusal } from '../../dialects/refusals.ts'
import type { AnswerHeaders } from '../headers.ts'
import { sendRefusal } from '../refusal.ts'
import type { Outlet } from './ends.ts'
import { createKeepAlive, type KeepAlive } from './keep-alive.ts'

/** A caller that reads nothing for so long is taken for gone. */
const maxStalledMs = 600_000

export class ResponseOutlet implements Outlet {
  blocked = false
  private readonly request: IncomingMessage
  private readonly response: ServerResponse
  private readonly onDrain: () => void
  private stalledBefore = false
  private stalledTimer: NodeJS.Timeout | null = null
  private keepAlive: KeepAlive | null = null

  /** `onDrain`: the caller takes more again. */
  constructor(request: IncomingMessage, response: ServerResponse, onDrain: () => void) {
    this.request = request
    this.response = response
    this.onDrain = onDrain
  }

  begin(status: number, statusText: string | null, headers: string[]): void {
    // The upstream's own date passes.
    this.response.sendDate = false
    if (statusText === null) this.response.writeHead(status, headers)
    else this.response.writeHead(status, statusText, headers)
  }

  flushHead(): void {
    this.response.flushHeaders()
  }

  keepEventsAlive(waitMs: number | undefined): void {
    this.keepAlive = createKeepAlive((comment) => {
      if (!this.blocked && !this.response.writableEnded) this.response.write(comment)
    }, waitMs)
  }

  write({ bytes, endsEvent }: Block): boolean {
    if (this.response.write(this.keepAlive === null ? bytes : this.keepAlive.pass(bytes, endsEvent))) return true
    if (this.blocked) return false
    this.blocked = true
    this.stalledTimer = setTimeout(() => this.response.destroy(), maxStalledMs).unref()
    this.response.once('drain', () => {
      this.clear()
      this.onDrain()
    })
    if (this.stalledBefore) return false
    this.stalledBefore = true
    this.response.once('close', () => this.clear())
    return false
  }

  addTrailers(trailers: AnswerHeaders): void {
    for (const _ in trailers) return this.response.addTrailers(trailers as Record<string, string>)
  }

  end(block: Block | null): void {
    if (block === null) this.response.end()
    else this.response.end(block.bytes)
  }

  refuse(refusal: Refusal, body: Buffer, exchangeId: string): void {
    sendRefusal(this.request, this.response, refusal, body, exchangeId)
  }

  close(): void {
    this.keepAlive?.stop()
    if (!this.blocked) this.clear()
  }

  breakOff(rest: Buffer | null): void {
    if (rest !== null) this.response.write(rest)
    // What is written goes out first. An answer still queued behind another has no socket yet.
    if (this.response.socket) this.response.socket.destroySoon()
    else this.response.destroy()
  }

  destroy(): void {
    this.response.destroy()
  }

  private clear(): void {
    this.blocked = false
    if (this.stalledTimer) clearTimeout(this.stalledTimer)
    this.stalledTimer = null
  }
}
