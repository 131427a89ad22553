/**
 * Exchange ids: UUIDv7, in order also within one millisecond. Random bytes are drawn in blocks: a draw costs more than
 * the rest of the id.
 */
import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const blockBytes = 4_096
const drawBytes = 16
const block = new Uint8Array(blockBytes)
let drawn = blockBytes
let lastMs = 0
let sequence = 0

export function createExchangeId(now: number): string {
  if (drawn === blockBytes) {
    randomFillSync(block)
    drawn = 0
  }
  const random = block.subarray(drawn, (drawn += drawBytes))
  if (now > lastMs) {
    lastMs = now
    // The upper bit stays free, so that counting on within the millisecond does not overflow.
    sequence = ((random[0] as number) << 22) | ((random[1] as number) << 14) | ((random[2] as number) << 6)
  } else sequence++
  return v7({ msecs: lastMs, seq: sequence, random })
}
