/** The load generator where Go is missing. Same plan and same result as load.go. */
import { Pool, type Dispatcher } from 'undici'

export interface LoadPlan {
  url: string
  headers: Record<string, string>
  body: string
  /** What the upstream answers without a gateway, in bytes; any other length is an error. */
  expectedLength: number
  /** Closed loop: this many callers, each sends when its answer is there. 0 = open loop. */
  callers: number
  /** Open loop: one request is sent every 1/rate s, whether or not the earlier ones were answered. */
  rate: number
  seconds: number
  requestsMax: number
}

export interface LoadResult {
  answers: number
  errors: number
  firstError: string
  seconds: number
  /** Of the open loop only. */
  latenciesMs: number[]
}

const requestTimeoutMs = 10_000
/** More unanswered requests than this are errors: a stalled gateway must not eat the machine. */
const inFlightMax = 512

export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const { origin, pathname } = new URL(plan.url)
  const pool = new Pool(origin, {
    connections: plan.callers || inFlightMax,
    pipelining: 1,
    headersTimeout: requestTimeoutMs,
    bodyTimeout: requestTimeoutMs,
  })
  const headers = { 'content-type': 'application/json', ...plan.headers }
  const result: LoadResult = { answers: 0, errors: 0, firstError: '', seconds: 0, latenciesMs: [] }
  const fail = (message: string): void => {
    result.errors += 1
    result.firstError ||= message
  }
  const send = async (): Promise<boolean> => {
    const { status, length, error } = await exchange(pool, { method: 'POST', path: pathname, headers, body: plan.body })
    const right = error === null && status === 200 && length === plan.expectedLength
    if (right) result.answers += 1
    else fail(error?.message ?? `status ${status}, ${length} bytes instead of ${plan.expectedLength}`)
    return right
  }
  const started = performance.now()
  await (plan.callers > 0 ? closedLoop(plan, started, send) : openLoop(plan, started, send, fail, result.latenciesMs))
  result.seconds = (performance.now() - started) / 1000
  await pool.destroy()
  return result
}

async function closedLoop(plan: LoadPlan, started: number, send: () => Promise<boolean>): Promise<void> {
  const deadline = started + plan.seconds * 1000
  let sent = 0
  const call = async (): Promise<void> => {
    while (performance.now() < deadline && sent++ < plan.requestsMax) await send()
  }
  await Promise.all(Array.from({ length: plan.callers }, call))
}

async function openLoop(
  plan: LoadPlan,
  started: number,
  send: () => Promise<boolean>,
  fail: (message: string) => void,
  latenciesMs: number[],
): Promise<void> {
  const total = Math.floor(plan.rate * plan.seconds)
  const inFlight = new Set<Promise<void>>()
  for (let index = 0; index < total; index += 1) {
    const waitMs = started + (index * 1000) / plan.rate - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    if (inFlight.size >= inFlightMax) {
      fail('more than the allowed requests are unanswered')
      continue
    }
    const sentAt = performance.now()
    const one = send().then((right) => {
      if (right) latenciesMs.push(performance.now() - sentAt)
      inFlight.delete(one)
    })
    inFlight.add(one)
  }
  await Promise.all(inFlight)
}

function exchange(
  pool: Pool,
  request: Dispatcher.DispatchOptions,
): Promise<{ status: number; length: number; error: Error | null }> {
  return new Promise((resolve) => {
    let status = 0
    let length = 0
    pool.dispatch(request, {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        status = statusCode
      },
      onResponseData(_controller, chunk) {
        length += chunk.length
      },
      onResponseEnd: () => resolve({ status, length, error: null }),
      onResponseError: (_controller, error) => resolve({ status, length, error }),
    })
  })
}

if (import.meta.main) console.log(JSON.stringify(await runLoad(JSON.parse(process.argv[2] ?? '') as LoadPlan)))
