/**
 * Whether a text says no. Models without a declared refusal say it in words; only short answers that open with one of
 * the set phrases count, so that a long answer which regrets something is not taken for one. Pure.
 */
const refusalCharactersMax = 400

const opening =
  /^\W*(?:(?:i['’]?m|i am|we['’]re)\s+(?:very |really |so |truly )?sorry|sorry|i apologi[sz]e|my apologies|unfortunately)?[\s,.:;!–—-]*(?:but\s+)?(?:as an ai(?: language model| assistant)?,?\s+)?(?:i|we)(?:['’]?m| am|['’]re| are)?\s+(?:can['’]?t|cannot|can not|won['’]?t|will not|unable to|not able to|must decline to|decline to|do not feel comfortable|don['’]t feel comfortable)\s+(?:to\s+)?(?:help|assist|comply|provide|do that|do this|fulfil+|answer|support|create|generate|write|share|discuss|engage|continue|participate)/i

export function readsAsRefusal(content: string): boolean {
  return content.length <= refusalCharactersMax && opening.test(content)
}
