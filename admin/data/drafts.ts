/**
 * What a person has written and not sent yet. It stays in this tab until it is sent or thrown away: a lost session, a
 * reload or a step to another page costs nothing.
 */
import { createSignal, type Accessor } from 'solid-js'
import { createStore, unwrap, type SetStoreFunction } from 'solid-js/store'

const prefix = 'sinew-draft:'

export interface Draft<T extends object> {
  value: T
  set: SetStoreFunction<T>
  /** Whether something was found that had been written before. */
  restored: Accessor<boolean>
  /** Once it is sent, or no longer wanted: back to what the form begins with. */
  discard(): void
}

/** `key` names the form and what it is about. */
export function createDraft<T extends object>(key: string, initial: T): Draft<T> {
  const stored = read<T>(key)
  const [value, setValue] = createStore<T>({ ...initial, ...stored })
  const [restored, setRestored] = createSignal(stored !== null)
  return {
    value,
    restored,
    set: ((...change: unknown[]) => {
      ;(setValue as (...change: unknown[]) => void)(...change)
      write(key, unwrap(value))
    }) as SetStoreFunction<T>,
    discard() {
      dropDraft(key)
      setRestored(false)
      setValue({ ...initial })
    },
  }
}

export function createTextDraft(key: string): [Accessor<string>, (text: string) => void, () => void] {
  const draft = createDraft(key, { text: '' })
  return [() => draft.value.text, (text) => draft.set('text', text as never), () => draft.discard()]
}

/** Where what is stored is wanted after all. */
export function dropDraft(key: string): void {
  sessionStorage.removeItem(prefix + key)
}

/** Another person may sign in in the same tab. */
export function dropDrafts(): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(prefix)) sessionStorage.removeItem(name)
}

function read<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(prefix + key)
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

function write(key: string, value: object): void {
  try {
    sessionStorage.setItem(prefix + key, JSON.stringify(value))
  } catch {
    // A full or forbidden store costs the draft, never the form.
  }
}
