/**
 * What agents put around a prompt and change from request to request: reminders, the state of the machine, a project's
 * own instructions. It is no part of the prompt, and no enhancement touches it. Pure.
 */

/** Claude Code opens its system prompt with such a line; a part of it is another in each request. */
const billingHeader = 'x-anthropic-billing-header:'

/** Sections of Claude Code, Codex, and Cline with its descendants. */
const sections: { open: string; close: string }[] = [
  { open: '<system-reminder>', close: '</system-reminder>' },
  { open: '<environment_context>', close: '</environment_context>' },
  { open: '<environment_details>', close: '</environment_details>' },
  { open: '<user_instructions>', close: '</user_instructions>' },
  { open: '<permissions instructions>', close: '</permissions instructions>' },
  { open: '<collaboration_mode>', close: '</collaboration_mode>' },
  { open: '<local-command-caveat>', close: '</local-command-caveat>' },
  { open: '# AGENTS.md instructions', close: '</INSTRUCTIONS>' },
]
/** More of them are read as text. */
const maxSections = 32

export interface TrimmedText {
  before: string
  text: string
  after: string
}

/** Empty text = there is nothing else in it. A section that is not closed is text. O(length). */
export function trimVolatile(text: string): TrimmedText {
  let start = 0
  let end = text.length
  for (let count = 0; count < maxSections; count++) {
    const next = skipLeading(text, start)
    if (next === null) break
    start = next
  }
  for (let count = 0; count < maxSections && start < end; count++) {
    const next = skipTrailing(text, start, end)
    if (next === null) break
    end = next
  }
  return { before: text.slice(0, start), text: text.slice(start, end), after: text.slice(end) }
}

/** Behind a section that begins here, and the space that follows it. */
function skipLeading(text: string, from: number): number | null {
  const start = skipSpace(text, from)
  if (text.startsWith(billingHeader, start)) {
    const line = text.indexOf('\n', start)
    return line < 0 ? text.length : skipSpace(text, line)
  }
  for (const { open, close } of sections) {
    if (!text.startsWith(open, start)) continue
    const end = text.indexOf(close, start)
    if (end >= 0) return skipSpace(text, end + close.length)
  }
  return null
}

/** In front of a section that ends here, and the space before it. */
function skipTrailing(text: string, from: number, to: number): number | null {
  const end = skipSpaceBack(text, to)
  for (const { open, close } of sections) {
    if (!text.endsWith(close, end)) continue
    const start = text.lastIndexOf(open, end - close.length)
    if (start >= from) return skipSpaceBack(text, start)
  }
  return null
}

function skipSpace(text: string, from: number): number {
  let place = from
  while (place < text.length && isSpace(text.charCodeAt(place))) place++
  return place
}

function skipSpaceBack(text: string, to: number): number {
  let place = to
  while (place > 0 && isSpace(text.charCodeAt(place - 1))) place--
  return place
}

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13)
}
