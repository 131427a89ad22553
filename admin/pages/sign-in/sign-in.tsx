/** In by a link (`#token=…`, which never reaches a server log) or by pasting the token. */
import { useNavigate, useSearchParams } from '@solidjs/router'
import { createEffect, createSignal, on, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { toFailure } from '../../data/errors.ts'
import { loadSession, session, signIn } from '../../data/session.ts'
import { parseNext } from '../../paths.ts'
import { Mark } from '../../ui/mark.tsx'

export function SignIn(): JSX.Element {
  const navigate = useNavigate()
  const [search] = useSearchParams<{ next?: string }>()
  const [problem, setProblem] = createSignal<string | null>(null)
  const [busy, setBusy] = createSignal(false)
  const [field, setField] = createSignal<HTMLInputElement>()

  async function enter(token: string): Promise<void> {
    setBusy(true)
    setProblem(null)
    try {
      await signIn(token)
      navigate(parseNext(search.next), { replace: true })
    } catch (error) {
      setProblem(toFailure(error).message)
      setBusy(false)
      field()?.focus()
    }
  }
  useLink((token) => void enter(token))
  onMount(() => {
    document.title = 'Sign in · Sinew'
    field()?.focus()
  })
  // Somebody who is signed in already has no business here.
  createEffect(
    on(
      () => session().kind,
      (kind) => kind === 'in' && !busy() && navigate(parseNext(search.next), { replace: true }),
    ),
  )

  return (
    <main class="min-h-screen grid place-items-center p-4">
      <div class="w-full max-w-90">
        <div class="flex items-center justify-center gap-3 mb-7">
          <Mark class="w-9 h-9 text-accent" />
          <h1 class="text-2xl font-650 tracking-tight">Sinew</h1>
        </div>
        <TokenForm busy={busy()} problem={problem()} ref={setField} onSubmit={() => void enter(field()?.value ?? '')} />
      </div>
    </main>
  )
}

function useLink(enter: (token: string) => void): void {
  function enterByLink(): void {
    const token = new URLSearchParams(location.hash.slice(1)).get('token')
    if (token === null) return
    // Out of the address bar and the history before anything else happens.
    history.replaceState(history.state, '', location.pathname + location.search)
    enter(token)
  }
  onMount(() => {
    if (location.hash.includes('token=')) enterByLink()
    else if (session().kind === 'unknown') void loadSession()
    // The link may be opened in a tab that shows this page already: then only the fragment changes.
    window.addEventListener('hashchange', enterByLink)
  })
  onCleanup(() => window.removeEventListener('hashchange', enterByLink))
}

function TokenForm(props: {
  busy: boolean
  problem: string | null
  ref: (element: HTMLInputElement) => void
  onSubmit: () => void
}): JSX.Element {
  return (
    <form
      class="card p-6"
      onSubmit={(event) => {
        event.preventDefault()
        props.onSubmit()
      }}
    >
      <label class="label" for="token">
        Token
      </label>
      <input
        ref={(element) => props.ref(element)}
        id="token"
        name="token"
        type="password"
        autocomplete="current-password"
        required
        class="field !min-h-10"
        aria-invalid={props.problem !== null}
        aria-describedby={props.problem === null ? 'token-help' : 'token-problem token-help'}
      />
      <Show when={props.problem}>
        <p id="token-problem" role="alert" class="flex gap-1.5 text-bad text-sm mt-2">
          <span class="i-lucide-circle-alert mt-0.75" aria-hidden="true" /> {props.problem}
        </p>
      </Show>
      <button type="submit" class="btn-primary w-full !min-h-10 mt-4" disabled={props.busy}>
        {props.busy ? 'Signing in …' : 'Sign in'}
      </button>
      <p id="token-help" class="text-xs text-faint mt-4">
        <code class="font-mono">npm start</code> prints a link that signs you in. The token is the value of{' '}
        <code class="font-mono">SINEW_ADMIN_TOKEN</code>, of a person under <code class="font-mono">admins:</code>, or
        in the file <code class="font-mono">admin-token</code> of the data folder.
      </p>
    </form>
  )
}
