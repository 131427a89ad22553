import { createMemo, type JSX } from 'solid-js'
import type { SystemStatus } from '../../data/client.ts'
import { createLoad } from '../../data/load.ts'
import { queries } from '../../data/queries.ts'
import { Empty } from '../../ui/region.tsx'
import { CopyButton } from '../../ui/text.tsx'

/** The one thing to do while there is nothing to see. */
export function FirstRequest(): JSX.Element {
  const status = createLoad(queries.status, () => null)
  const command = createMemo(() => toCommand(status.data()))
  return (
    <Empty icon="i-lucide-activity" title="No exchange yet">
      <p>
        Every request through the gateway appears here as soon as it is recorded. Point a client at it, or send this
        one; <code class="font-mono text-xs">npm start</code> prints the key.
      </p>
      <div class="w-full text-left bg-sunken rounded-lg p-3">
        <pre class="m-0 font-mono text-xs whitespace-pre-wrap break-all">{command()}</pre>
        <div class="flex justify-end">
          <CopyButton text={command()} label="Copy the command" />
        </div>
      </div>
    </Empty>
  )
}

/** A request that this configuration can answer. */
function toCommand(status: SystemStatus | undefined): string {
  const provider = status?.providers[0]
  const model = provider?.simulation
    ? 'sim/story'
    : provider
      ? `${provider.name}/${provider.models.find((name) => !name.includes('*')) ?? 'MODEL'}`
      : 'sim/story'
  const anthropic = provider?.dialect === 'anthropic'
  const body = JSON.stringify({
    model,
    ...(anthropic ? { max_tokens: 100 } : {}),
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return `curl ${status?.gatewayUrl ?? `http://${location.hostname}:8080`}/v1/${anthropic ? 'messages' : 'chat/completions'} \\
  -H "authorization: Bearer $SINEW_KEY" -H "content-type: application/json" \\
  -d '${body}'`
}
