/** The analyst's answer, which may be anything: only a whole, valid proposal gets through. */
import type Anthropic from '@anthropic-ai/sdk'
import { z } from 'zod'
import type { PromptTemplate } from '../../db/types.ts'
import { toolName } from '../domain/analyst-prompt.ts'
import { findProposalFault } from '../domain/enhance.ts'
import { asArray, asObject } from '../domain/json.ts'

const textCharactersMax = 100_000
const reasonCharactersMax = 4_000
const risksMax = 20
const riskCharactersMax = 1_000

/** The forced tool's input, as the outside contract has it. */
export const proposalSchema: Anthropic.Tool.InputSchema = {
  type: 'object',
  properties: {
    system: { type: ['string', 'null'], description: 'The new system prompt, or null to leave it unchanged.' },
    template: { type: ['string', 'null'], description: 'The new user template with every slot {{name}} kept, or null to leave it unchanged.' },
    reason: { type: 'string', description: 'Why this will work better, in one to three sentences.' },
    risks: { type: 'array', items: { type: 'string' }, description: 'What might get worse.' },
  },
  required: ['system', 'template', 'reason', 'risks'],
  additionalProperties: false,
}

const text = z.string().max(textCharactersMax).refine((value) => !value.includes('\0') && value.isWellFormed() && value.trim() !== '')
const proposal = z.object({
  system: text.nullable(),
  template: text.nullable(),
  reason: z.string().trim().min(1).max(reasonCharactersMax).transform(clean),
  risks: z.array(z.string().max(riskCharactersMax).transform(clean)).max(risksMax),
})

export type ReadProposal = { enhanced: PromptTemplate; reason: string; risks: string[] } | { fault: string }

/** The fault is in our own words: what the analyst wrote does not enter Temporal. */
export function readProposal(original: PromptTemplate, answer: unknown): ReadProposal {
  const message = asObject(answer)
  if (message?.stop_reason === 'refusal') return { fault: 'it refused' }
  const call = asArray(message?.content).map(asObject).find((block) => block?.type === 'tool_use' && block.name === toolName)
  if (!call) return { fault: message?.stop_reason === 'max_tokens' ? 'it ran out of room' : `it did not use ${toolName}` }
  const parsed = proposal.safeParse(call.input)
  if (!parsed.success) {
    const members = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'the input')))]
    return { fault: `what it proposed is not valid: ${members.join(', ')}` }
  }
  const { system, template, reason, risks } = parsed.data
  // Stored whole: what it left unchanged is the original's.
  const enhanced = { system: system ?? original.system, template: template ?? original.template }
  const fault = findProposalFault(original, enhanced)
  return fault === null ? { enhanced, reason, risks } : { fault }
}

function clean(value: string): string {
  return value.replaceAll('\0', '\ufffd').toWellFormed()
}
