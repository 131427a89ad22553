/**
 * Claude Code begins its instructions with a line for Anthropic's billing that changes with every request. To anybody
 * else it is a part of the prompt, and no cache of prompts ever hits.
 */
const billingLine = /^x-anthropic-billing-header:[^\n]*(?:\n+|$)/

/** The text without that line; the same where it has none. */
export function withoutBillingLine(text: string): string {
  return text.replace(billingLine, '')
}
