/**
 * A Messages request as InvokeModel wants it: the address says model and streaming, the body says version and betas.
 */
import { editJson } from '../bytes/json-edit.ts'

const version = 'bedrock-2023-05-31'

/** `betas` is the header `anthropic-beta`, which has no place in a call to AWS. Every other byte stays. */
export function toInvokeBody(body: Buffer, betas: string | undefined): Buffer {
  let edited = body
  for (const name of ['model', 'stream']) edited = editJson(edited, [{ kind: 'remove', path: [name] }]) ?? edited
  // What the caller has put there stays.
  edited = editJson(edited, [{ kind: 'addMember', name: 'anthropic_version', json: JSON.stringify(version) }]) ?? edited
  const names = (betas ?? '')
    .split(',')
    .map((beta) => beta.trim())
    .filter(Boolean)
  return names.length === 0
    ? edited
    : (editJson(edited, [{ kind: 'addMember', name: 'anthropic_beta', json: JSON.stringify(names) }]) ?? edited)
}
