/** Whether a provider is asked for the usage of chat streams, and what its answers have taught of that. */
export interface UsageAsking {
  readonly asks: boolean
  /**
   * Whether a stream's usage is there because it was asked for. `marked`: its chunks before said `"usage":null`, as
   * OpenAI's do then.
   */
  isDueToIt(marked: boolean): boolean
  /** A stream was complete and told no usage although it was asked. */
  wentUnanswered(): void
  /** The server answered a request with an error that names the question: it is not asked again. */
  isRefused(): void
}

/**
 * A server that nobody knows may tell its usage to everybody: cutting it out would take from the caller what a direct
 * call gives. Where an answer does not show that asking made the difference, it stays, and that server is not asked
 * again.
 */
export function createAsking(adds: boolean | 'unproven'): UsageAsking {
  let asks = adds !== false
  let proven = adds !== 'unproven'
  return {
    get asks() {
      return asks
    },
    isDueToIt(marked) {
      if (marked) proven = true
      else if (!proven) asks = false
      return proven
    },
    wentUnanswered() {
      if (!proven) asks = false
    },
    isRefused() {
      asks = false
    },
  }
}
