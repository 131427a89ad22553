/** Who is signed in, for the whole page. */
import { createSignal } from 'solid-js'
import { api } from './client.ts'
import { dropDrafts } from './drafts.ts'
import { toFailure, type Failure } from './errors.ts'

/** `unknown` until the server has said so. */
export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'out' }
  | { kind: 'in'; person: string }
  | { kind: 'unreachable'; failure: Failure }

const [session, setSession] = createSignal<SessionState>({ kind: 'unknown' })
export { session }

export async function loadSession(): Promise<void> {
  try {
    const { person } = await api.session.me.query()
    setSession(person === null ? { kind: 'out' } : { kind: 'in', person })
  } catch (error) {
    setSession({ kind: 'unreachable', failure: toFailure(error) })
  }
}

export async function signIn(token: string): Promise<void> {
  const { person } = await api.session.signIn.mutate({ token })
  setSession({ kind: 'in', person })
}

export async function signOut(): Promise<void> {
  await api.session.signOut.mutate()
  dropDrafts()
  setSession({ kind: 'out' })
}

/** The server no longer knows us: the sign-in page takes over and leads back. */
export function markSignedOut(): void {
  setSession({ kind: 'out' })
}
