/** The upstream where Go is missing: the same answers as upstream.go. Prints its port and ends with its parent. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const sentence =
  'The harbour opens at six, the ferry leaves at seven, and the market on the quay is busiest before noon. '
const answerTail = `","object":"chat.completion","created":1760000000,"model":"bench-1","choices":[{"index":0,"message":{"role":"assistant","content":"${sentence.repeat(7)}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":190,"completion_tokens":160,"total_tokens":350}}`
const eventTail =
  '","object":"chat.completion.chunk","created":1760000000,"model":"bench-1","choices":[{"index":0,"delta":{"content":"harbour "},"finish_reason":null}]}\n\n'
const lastTail =
  '","object":"chat.completion.chunk","created":1760000000,"model":"bench-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":190,"completion_tokens":16,"total_tokens":206}}\n\ndata: [DONE]\n\n'
const streamEvents = 16

let answers = 0

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => answer(Buffer.concat(chunks), response))
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
process.stdin.on('close', () => process.exit(0)).resume()

function answer(body: Buffer, response: ServerResponse): void {
  let request: { model?: unknown; stream?: unknown }
  try {
    request = JSON.parse(body.toString('utf8'))
  } catch {
    request = {}
  }
  if (request.model !== 'bench-1') {
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end('{"error":{"message":"not the bench\'s request"}}')
    return
  }
  const id = `chatcmpl-${String(++answers).padStart(10, '0')}`
  if (request.stream === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let sent = 0; sent < streamEvents; sent += 1) response.write(`data: {"id":"${id}${eventTail}`)
    response.end(`data: {"id":"${id}${lastTail}`)
    return
  }
  const text = `{"id":"${id}${answerTail}`
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length }).end(text)
}
