import type { JSX } from 'solid-js'
import { Empty } from '../ui/region.tsx'
import { CopyButton } from '../ui/text.tsx'

/** The one thing to do while there is nothing to see. */
export function FirstRequest(): JSX.Element {
  const command = `curl ${location.protocol}//${location.hostname}:8080/v1/chat/completions \\
  -H "authorization: Bearer $SINEW_KEY" -H "content-type: application/json" \\
  -d '{"model": "sim/story", "messages": [{"role": "user", "content": "Hello"}]}'`
  return (
    <Empty icon="i-lucide-activity" title="No exchange yet">
      <p>Every request through the gateway appears here as soon as it is recorded. Point a client at it, or send this one. <code class="font-mono text-xs">npm start</code> prints the key and the gateway's address.</p>
      <div class="w-full text-left bg-sunken rounded-lg p-3">
        <pre class="m-0 font-mono text-xs whitespace-pre-wrap break-all">{command}</pre>
        <div class="flex justify-end"><CopyButton text={command} label="Copy the command" /></div>
      </div>
    </Empty>
  )
}
