/** A message for the page that comes next: shown once, and in no address, so that no reload or link repeats it. */
let waiting: string | null = null

export function leaveMessage(text: string): void {
  waiting = text
}

export function takeMessage(): string | null {
  const text = waiting
  waiting = null
  return text
}
