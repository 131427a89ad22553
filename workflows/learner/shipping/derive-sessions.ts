/**
 * Which conversation a request belongs to whose client names none: the one that its history proves. Where nothing
 * proves it, or two conversations ran alike so far, the request begins one of its own. No I/O.
 */
import type { SessionLink } from '../../../db/repositories/exchanges/session-links.ts'
import { toDerivedSession } from '../../domain/exchanges/client-ids.ts'
import type { ConversationLinks } from '../../domain/exchanges/conversation-links.ts'

export interface ConversationPlace {
  /** The answer that the request names to go on from. */
  previousAnswer: string | null
  conversation: ConversationLinks | null
}

/** The link that an answer's own id is. */
export function toAnswerIdLink(answerId: string): string {
  return `answer ${answerId}`
}

/** What is to be looked up before a request can be joined to its conversation. */
export function toWantedLinks({ previousAnswer, conversation }: ConversationPlace): string[] {
  return previousAnswer === null ? (conversation?.history ?? []) : [toAnswerIdLink(previousAnswer)]
}

export class Conversations {
  private readonly byLink = new Map<string, SessionLink[]>()
  private readonly changed = new Set<SessionLink>()

  constructor(stored: readonly SessionLink[]) {
    for (const link of stored) this.keep({ ...link })
  }

  /** Left by this batch: new links, and stored ones that a request goes on from. */
  get changes(): SessionLink[] {
    return [...this.changed]
  }

  /** The session of a request; `null` = there is no conversation in it. In the order in which requests came. */
  join(exchangeId: string, team: string, place: ConversationPlace): string | null {
    if (place.previousAnswer === null && place.conversation === null) return null
    for (const link of toWantedLinks(place)) {
      const before = (this.byLink.get(toKey(team, link)) ?? []).filter((one) => one.exchangeId !== exchangeId)
      if (before.length === 0) continue
      const earlier = place.previousAnswer === null ? choose(before, exchangeId) : (before[0] as SessionLink)
      if (earlier === null) break
      if (earlier.continuedBy === null) {
        earlier.continuedBy = exchangeId
        this.changed.add(earlier)
      }
      return earlier.sessionKey
    }
    return toDerivedSession(exchangeId)
  }

  /** Later requests may go on from this answer. */
  answered(exchangeId: string, team: string, sessionKey: string, links: readonly string[]): void {
    for (const link of links) {
      const known = this.byLink.get(toKey(team, link))?.some((one) => one.exchangeId === exchangeId)
      if (known) continue
      const added: SessionLink = { team, link, exchangeId, sessionKey, continuedBy: null }
      this.keep(added)
      this.changed.add(added)
    }
  }

  private keep(link: SessionLink): void {
    const key = toKey(link.team, link.link)
    const others = this.byLink.get(key)
    if (others === undefined) this.byLink.set(key, [link])
    else others.push(link)
  }
}

/**
 * Conversations that ran alike so far: the request is of the one that nobody has gone on with. Where all have been gone
 * on with, it is another branch, if they are one conversation. A batch that is read again chooses the same.
 */
function choose(before: readonly SessionLink[], exchangeId: string): SessionLink | null {
  const own = before.find(({ continuedBy }) => continuedBy === exchangeId)
  if (own !== undefined) return own
  const open = before.filter(({ continuedBy }) => continuedBy === null)
  if (open.length > 0) return open.length === 1 ? (open[0] as SessionLink) : null
  return new Set(before.map(({ sessionKey }) => sessionKey)).size === 1 ? (before[0] as SessionLink) : null
}

function toKey(team: string, link: string): string {
  return `${team}\n${link}`
}
