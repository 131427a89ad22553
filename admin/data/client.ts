/** The typed way to the control process. Of its program only the type is known here. */
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '../../gateway/control/router.ts'

export type Outputs = inferRouterOutputs<AppRouter>
export type Inputs = inferRouterInputs<AppRouter>

export type Exchange = Outputs['exchanges']['list']['items'][number]
export type ExchangeDetail = Outputs['exchanges']['get']
export type Pattern = Outputs['patterns']['list']['items'][number]
export type PatternDetail = Outputs['patterns']['get']
export type Enhancement = Outputs['enhancements']['get']
export type RuleItem = Outputs['rules']['list']['items'][number]
export type Rule = Outputs['rules']['get']
export type RuleResult = Outputs['rules']['test']['results'][number]
export type Experiment = Outputs['experiments']['get']
export type ExperimentItem = Outputs['experiments']['list']['items'][number]
export type Reanalysis = Outputs['reanalysis']['status']
export type Finding = Outputs['system']['findings']['items'][number]
export type SystemStatus = Outputs['system']['status']

const url = '/trpc'
/** The server answers well before this, also when PostgreSQL is away. */
const requestTimeoutMs = 20_000

export const api = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({ url }),
      false: httpBatchLink({
        url,
        maxItems: 10,
        fetch: (input, init) =>
          fetch(input, {
            ...init,
            signal: AbortSignal.any([AbortSignal.timeout(requestTimeoutMs), ...(init?.signal ? [init.signal] : [])]),
          }),
      }),
    }),
  ],
})
