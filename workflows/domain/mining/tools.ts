/** Which tools a request offers, and which of them a template asks for. Pure. */

/**
 * A request's tools as its structure names them: the word `tools`, then their names. A template's structure names the
 * tools of its application in the same way; the word alone means any tools.
 */
export function listTools(structure: string): string[] {
  return structure === '' ? [] : structure.split(' ').slice(1)
}

/** Requests with and without tools never share a template; which tools they offer is looked at afterwards. */
export function toSort(structure: string): string {
  return structure === '' ? '' : 'tools'
}

/**
 * Applications gain and lose tools, and their users bring some of their own: half of a template's tools suffice. A
 * template of many sets, of which no tool is in all, asks for one of its names (`leastTools`).
 */
export function countNeeded(names: readonly string[], leastTools: number | undefined): number {
  return leastTools ?? Math.ceil(names.length / 2)
}

export function offersEnough(needed: number, names: readonly string[], offered: ReadonlySet<string>): boolean {
  let missing = names.length - needed
  for (const name of names) if (!offered.has(name) && --missing < 0) return false
  return true
}
