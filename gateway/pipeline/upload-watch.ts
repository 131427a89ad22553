/**
 * What a body that is streamed must not hold, because it could only be taken out of one that is held as a whole. An
 * upload that turns out to hold it is not completed, so its provider never acts on it, and the caller learns why.
 */
import type { Wire } from '../../db/words/wire.ts'

export interface UploadWatch {
  /** In words for the caller; `null` = nothing so far. */
  look(chunk: Buffer): string | null
}

interface Forbidden {
  pattern: RegExp
  why: string
}

/** Longer than anything that is looked for. */
const overlapBytes = 2_048

const tooLarge = 'and the body is too large to take it out: send less of the history at once'
const ownProof: Forbidden = {
  pattern: /"(?:signature|data|encrypted_content)"\s*:\s*"sinew~/,
  why: `the history holds a proof that another provider’s model wrote (sinew~…), ${tooLarge}`,
}
const unsignedThinking: Forbidden = {
  pattern: /"signature"\s*:\s*""/,
  why: `the history holds thinking without a signature, which this model refuses, ${tooLarge}`,
}
const madeUpItem: Forbidden = {
  pattern: /"id"\s*:\s*"rs_[a-zA-Z0-9]*_\d+"/,
  why: `the history holds reasoning that another provider’s model wrote, ${tooLarge}`,
}

/** Of a conversation. `signsThinking`: its model refuses thinking that it has not signed. */
export function watchForMarks(wire: Wire, signsThinking: boolean): UploadWatch {
  const forbidden = [ownProof]
  if (wire === 'messages' && signsThinking) forbidden.push(unsignedThinking)
  if (wire === 'responses') forbidden.push(madeUpItem)
  return watch(forbidden)
}

/** Of a form whose model did not stand in its beginning: then its provider was chosen without it. */
export function watchForLateModel(providers: readonly string[]): UploadWatch {
  const names = providers.map((name) => name.replaceAll(/[^\w-]/g, String.raw`\$&`)).join('|')
  const head = String.raw`\r\ncontent-disposition: *form-data; *name="model"(?:;[^\r\n]*)?\r\n(?:[\w-]+:[^\r\n]*\r\n)*\r\n`
  return watch([
    {
      pattern: new RegExp(`${head}(?:${names})/[^\\r\\n]{0,500}\\r\\n`, 'i'),
      why: 'the field model names a provider, but comes too late in this large form to choose it: put it before the files, or name the provider by x-sinew-provider and the model without it',
    },
  ])
}

function watch(forbidden: readonly Forbidden[]): UploadWatch {
  let before = ''
  return {
    look(chunk) {
      const text = before + chunk.toString('latin1')
      before = text.slice(-overlapBytes)
      return forbidden.find(({ pattern }) => pattern.test(text))?.why ?? null
    },
  }
}
