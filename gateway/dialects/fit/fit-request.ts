/**
 * A request as its model takes it: what cannot stand, alone or beside something else, is left out or brought to the
 * nearest value that can, and is named. Runs on the model in the middle, so that each rule holds for every caller.
 */
import type { ConversationRequest } from '../model.ts'
import { fitCallIds } from './call-ids.ts'
import { fitFormat, fitTools } from './formats.ts'
import type { Fitting } from './fitting.ts'
import { fitLimits } from './limits.ts'
import { fitParts } from './parts.ts'
import { fitReasoning } from './reasoning.ts'
import { fitSampling } from './sampling.ts'

type Rule = (request: ConversationRequest, fitting: Fitting) => ConversationRequest

/** Reasoning comes before what depends on whether there is any. */
const rules: readonly Rule[] = [fitParts, fitCallIds, fitTools, fitFormat, fitReasoning, fitSampling, fitLimits]

export function fitRequest(request: ConversationRequest, fitting: Fitting): ConversationRequest {
  return rules.reduce((fitted, rule) => rule(fitted, fitting), request)
}
