/**
 * A JSON body and the changes that it will get. Every step says what it wants changed in the body as it stands here,
 * and the bytes change once, when they are asked for.
 */
import type { JsonObject } from '../../workflows/domain/json/json.ts'
import { spliceBytes, toSplices, type JsonEdit, type Splice } from './json-edit.ts'

export class JsonView {
  /** What the body says, without the changes that are still to be made. */
  json: JsonObject
  private bytes: Buffer
  private splices: Splice[] = []

  /** `json` is `bytes`, parsed. */
  constructor(bytes: Buffer, json: JsonObject) {
    this.bytes = bytes
    this.json = json
  }

  /** `false` = a place is not there, or another change has it already: then nothing of these edits will be made. */
  edit(edits: readonly JsonEdit[]): boolean {
    const splices = toSplices(this.bytes, edits)
    if (splices === null || splices.some((one) => this.splices.some((other) => overlap(one, other)))) return false
    this.splices.push(...splices)
    return true
  }

  /** With all changes; the very buffer where there are none. */
  toBytes(): Buffer {
    if (this.splices.length === 0) return this.bytes
    // What is only put in comes before what stands at that place.
    const ordered = this.splices.toSorted((a, b) => a.start - b.start || a.end - b.end)
    return spliceBytes(this.bytes, ordered)
  }

  /** The changed body takes the place of this one, for steps that must see what it says. */
  settle(): { bytes: Buffer; json: JsonObject } {
    if (this.splices.length > 0) {
      const bytes = this.toBytes()
      this.replace(bytes, JSON.parse(bytes.toString('utf8')) as JsonObject)
    }
    return { bytes: this.bytes, json: this.json }
  }

  /** How the body begins, as it came; for telling bodies apart, not for reading. */
  toOpening(maxBytes: number): string {
    return this.bytes.toString('latin1', 0, maxBytes)
  }

  /** The same body with the same changes, for a second way to go on. */
  fork(): JsonView {
    const fork = new JsonView(this.bytes, this.json)
    fork.splices = [...this.splices]
    return fork
  }

  replace(bytes: Buffer, json: JsonObject): void {
    this.bytes = bytes
    this.json = json
    this.splices = []
  }
}

/** Two texts may be put in at one place, one behind the other. */
function overlap(one: Splice, other: Splice): boolean {
  return one.start < other.end && other.start < one.end
}
