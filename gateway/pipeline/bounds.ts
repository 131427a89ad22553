/** How large a body may be, by what it is: `bodies` of the configuration, in bytes. */
import type { BodiesConfig } from '../../db/words/config.ts'
import type { Intake } from './admit.ts'

export interface Bounds {
  /** Prompts: held while they are read and rewritten. */
  generation: Intake
  /** Files, batch inputs, sound, pictures: the large ones are streamed. */
  passThrough: Intake
  /** What goes to a named provider as it is, compressed or not. */
  raw: Intake
}

const mebibyte = 1024 * 1024
export const defaultBodies: BodiesConfig = { generationMiB: 32, passThroughMiB: 512 }

export function toBounds({ generationMiB, passThroughMiB }: BodiesConfig): Bounds {
  const heldBytes = generationMiB * mebibyte
  const passThrough = { maxBytes: passThroughMiB * mebibyte, heldBytes, decodes: true }
  return {
    generation: { maxBytes: heldBytes, heldBytes, decodes: true },
    passThrough,
    raw: { ...passThrough, decodes: false },
  }
}
