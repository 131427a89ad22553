/**
 * Space kept back in a file of its own. It is given up when the disk is full, so that exchanges already under way can
 * still write their outcomes.
 */
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const blockBytes = 1024 * 1024

export class Ballast {
  readonly #directory: string
  readonly #path: string
  readonly #bytes: number

  constructor(directory: string, bytes: number) {
    this.#directory = directory
    this.#path = join(directory, 'ballast')
    this.#bytes = bytes
  }

  /** Throws where there is no space for it; nothing is left of it then. */
  lay(): void {
    let descriptor: number | null = null
    try {
      descriptor = openSync(this.#path, 'w')
      const block = Buffer.alloc(Math.min(this.#bytes, blockBytes))
      for (let laid = 0; laid < this.#bytes; laid += block.length) writeSync(descriptor, block)
    } catch (error) {
      this.drop()
      throw error
    } finally {
      if (descriptor !== null) closeSync(descriptor)
    }
  }

  drop(): void {
    rmSync(this.#path, { force: true })
  }

  /** The ballast fits again, and as much is free beyond it. Throws where the disk does not answer. */
  fits(): boolean {
    const { bavail, bsize } = statfsSync(this.#directory)
    return bavail * bsize >= 2 * this.#bytes
  }
}
