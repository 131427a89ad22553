/** The only maker of URLs: pages link through these names. */
export type Query = Record<string, string | number | null | undefined>

/** Where the pages are, as the router matches them. */
export const patterns = {
  home: '/',
  signIn: '/sign-in',
  exchanges: '/exchanges',
  exchange: '/exchanges/:id',
  patterns: '/patterns',
  pattern: '/patterns/:id',
  enhancements: '/enhancements',
  enhancement: '/enhancements/:id',
  experiments: '/experiments',
  experiment: '/experiments/:id',
  rules: '/rules',
  newRule: '/rules/new',
  rule: '/rules/:id',
  reanalysis: '/reanalysis',
  system: '/system',
} as const

export const paths = {
  home: () => patterns.home,
  signIn: (query?: { next?: string }) => withQuery(patterns.signIn, query),
  exchanges: (query?: Query) => withQuery(patterns.exchanges, query),
  exchange: (id: string) => `/exchanges/${encodeURIComponent(id)}`,
  patterns: (query?: Query) => withQuery(patterns.patterns, query),
  pattern: (id: string) => `/patterns/${encodeURIComponent(id)}`,
  enhancements: (query?: Query) => withQuery(patterns.enhancements, query),
  enhancement: (id: string) => `/enhancements/${encodeURIComponent(id)}`,
  experiments: (query?: Query) => withQuery(patterns.experiments, query),
  experiment: (id: string) => `/experiments/${encodeURIComponent(id)}`,
  rules: () => patterns.rules,
  newRule: () => patterns.newRule,
  rule: (id: string) => `/rules/${encodeURIComponent(id)}`,
  reanalysis: () => patterns.reanalysis,
  system: () => patterns.system,
}

function withQuery(path: string, query: Query | undefined): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  return search.size > 0 ? `${path}?${search}` : path
}

/** A place to go on to after signing in: ours, or nowhere. */
export function parseNext(next: string | null | undefined): string {
  return next && next.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : patterns.home
}
