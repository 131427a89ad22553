/**
 * Finds the event that completes a streamed answer while its chunks pass. The client may act on that event before the
 * body ends, so the chunk that carries it has to wait for the record.
 */
import type { DialectRules } from '../dialects/dialect.ts'

export class TerminalWatcher {
  private readonly value: Buffer
  private readonly forms: Buffer[]
  private readonly carryBytes: number
  private carry: Buffer = Buffer.from('\n')

  constructor({ field, value }: DialectRules['terminal']) {
    this.value = Buffer.from(value)
    // A line ends in LF, CR or CRLF, and the space behind the colon may be left out. Inside an event's JSON a line break
    // is written as an escape, so text of the model never stands at the beginning of a line.
    this.forms = ['\n', '\r'].flatMap((end) => [Buffer.from(`${end}${field}: ${value}`), Buffer.from(`${end}${field}:${value}`)])
    this.carryBytes = Buffer.byteLength(`\n${field}: ${value}`) - 1
  }

  /** Whether the terminal event is completed by this chunk, wherever earlier chunks were split. */
  see(chunk: Buffer): boolean {
    const seam = Buffer.concat([this.carry, chunk.subarray(0, this.carryBytes)])
    const found = this.isIn(seam) || (chunk.length > this.carryBytes && this.isIn(chunk))
    this.carry = chunk.length >= this.carryBytes ? chunk.subarray(chunk.length - this.carryBytes) : seam.subarray(Math.max(0, this.carry.length + chunk.length - this.carryBytes))
    return found
  }

  private isIn(bytes: Buffer): boolean {
    return bytes.includes(this.value) && this.forms.some((form) => bytes.includes(form))
  }
}
