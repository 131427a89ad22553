/** The analyst's answer, which may be anything: only a whole, valid proposal gets through. */
import type Anthropic from '@anthropic-ai/sdk'
import { z } from 'zod'
import type { PromptTemplate, Proposal, ProposalKind } from '../../db/words/enhancement.ts'
import { toolName } from '../domain/analyst/analyst-prompt.ts'
import { asArray, asObject } from '../domain/json/json.ts'
import { templateCharactersMax } from '../domain/enhancements/proposal-checks.ts'

const reasonCharactersMax = 4_000
const risksMax = 20
const riskCharactersMax = 1_000

const kinds = ['clarify', 'add_context', 'restructure', 'constrain_output', 'shorten'] as const satisfies ProposalKind[]

/** The forced tool's input, as the outside contract has it; the members that are not required came later. */
export const proposalSchema: Anthropic.Tool.InputSchema = {
  type: 'object',
  properties: {
    system: { type: ['string', 'null'], description: 'The new system prompt, or null to leave it unchanged.' },
    template: {
      type: ['string', 'null'],
      description: 'The new user template with every slot {{name}} kept, or null to leave it unchanged.',
    },
    reason: { type: 'string', description: 'Why this will work better, in one to three sentences.' },
    risks: { type: 'array', items: { type: 'string' }, description: 'What might get worse.' },
    kind: { type: 'string', enum: [...kinds], description: 'What the change does, mainly.' },
    expectedGain: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'By how much the success rate should rise: 0.2 = by 20 points.',
    },
  },
  required: ['system', 'template', 'reason', 'risks'],
  additionalProperties: false,
}

const text = z
  .string()
  .max(templateCharactersMax)
  .refine((value) => !value.includes('\0') && value.isWellFormed() && value.trim() !== '')
const proposal = z.object({
  system: text.nullable(),
  template: text.nullable(),
  reason: z.string().trim().min(1).max(reasonCharactersMax).transform(clean),
  risks: z.array(z.string().max(riskCharactersMax).transform(clean)).max(risksMax),
  kind: z.enum(kinds).nullish(),
  expectedGain: z.number().min(0).max(1).nullish(),
})

/** `enhanced` is whole: what the proposal leaves unchanged is the original's. */
export type ReadProposal =
  | {
      enhanced: PromptTemplate
      reason: string
      risks: string[]
      kind: ProposalKind | null
      expectedGain: number | null
    }
  | { fault: string }

/** The fault is in our own words: what the analyst wrote does not enter Temporal. */
export function readProposal(original: PromptTemplate, answer: unknown): ReadProposal {
  const message = asObject(answer)
  if (message?.stop_reason === 'refusal') return { fault: 'it refused' }
  const call = asArray(message?.content)
    .map(asObject)
    .find((block) => block?.type === 'tool_use' && block.name === toolName)
  if (!call)
    return { fault: message?.stop_reason === 'max_tokens' ? 'it ran out of room' : `it did not use ${toolName}` }
  const parsed = proposal.safeParse(call.input)
  if (!parsed.success) {
    const members = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'the input')))]
    return { fault: `what it proposed is not valid: ${members.join(', ')}` }
  }
  const { system, template, reason, risks, kind, expectedGain } = parsed.data satisfies Omit<
    Proposal,
    'kind' | 'expectedGain'
  >
  return {
    enhanced: { system: system ?? original.system, template: template ?? original.template },
    reason,
    risks,
    kind: kind ?? null,
    expectedGain: expectedGain ?? null,
  }
}

function clean(value: string): string {
  return value.replaceAll('\0', '\ufffd').toWellFormed()
}
