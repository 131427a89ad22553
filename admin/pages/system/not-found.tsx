import { A } from '@solidjs/router'
import type { JSX } from 'solid-js'
import { paths } from '../../paths.ts'
import { Page } from '../../ui/page.tsx'

export function NotFound(): JSX.Element {
  return (
    <Page title="No such page">
      <p class="text-soft">
        The address leads nowhere.{' '}
        <A class="link" href={paths.exchanges()}>
          Go to the exchanges
        </A>
        .
      </p>
    </Page>
  )
}
