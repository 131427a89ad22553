/** What is wrong with a request of Anthropic's Messages beyond single parameters. */
import { findContentFaults, messagesContent, systemContent } from './content-faults.ts'
import { isObject } from './parameters.ts'
import { Calls, hasMember, readFullList, type Fields } from './request-members.ts'

const minThinkingTokens = 1024

export function findMessagesFaults(body: Fields, faults: string[]): void {
  if (!hasMember(body, 'max_tokens')) faults.push('max_tokens: is required')
  findThinkingFaults(body, faults)
  if (body.system !== undefined && body.system !== '')
    findContentFaults(body.system, systemContent, (fault) => faults.push(`system: ${fault}`))
  const note = (fault: string): void => void faults.push(`messages: ${fault}`)
  const calls = new Calls(note)
  const messages = readFullList(body.messages, 'messages', faults)
  if (messages[0] !== undefined && messages[0].role !== 'user') note('the first message must be of the user')
  for (const { role, content } of messages) {
    if (role !== 'user' && role !== 'assistant') note('a message has no role, or an unknown one')
    findContentFaults(content, messagesContent, note)
    for (const block of Array.isArray(content) ? content.filter(isObject) : []) {
      if (block.type === 'tool_use') calls.call(block.id)
      else if (block.type === 'tool_result') calls.answer(block.tool_use_id)
    }
  }
  calls.end()
}

function findThinkingFaults(body: Fields, faults: string[]): void {
  const { thinking, max_tokens: maxTokens, temperature, top_k: topK } = body
  if (!isObject(thinking) || thinking.type !== 'enabled') return
  const budget = thinking.budget_tokens
  if (!Number.isInteger(budget) || (budget as number) < minThinkingTokens)
    faults.push(`thinking.budget_tokens: must be an integer of at least ${minThinkingTokens}`)
  else if (typeof maxTokens === 'number' && (budget as number) >= maxTokens)
    faults.push('max_tokens: must be more than thinking.budget_tokens')
  if (temperature !== undefined && temperature !== 1) faults.push('temperature: must be 1 beside thinking')
  if (topK !== undefined) faults.push('top_k: cannot stand beside thinking')
}
