/** A stage as the bytes that go through it, in whatever chunks they come. */
import type { Stage } from '../bytes/answer-transform.ts'
import { endStages, joinBytes, runStages } from '../bytes/sse-stage.ts'
import { SseSplitter } from '../bytes/sse-splitter.ts'

export function openStage(stage: Stage): { push(chunk: Buffer): Buffer; end(): Buffer } {
  const splitter = new SseSplitter()
  return {
    push: (chunk) => joinBytes(runStages([stage], splitter.push(chunk))),
    end() {
      const last = splitter.end()
      return joinBytes(endStages([stage], last === null ? [] : [last]))
    },
  }
}
