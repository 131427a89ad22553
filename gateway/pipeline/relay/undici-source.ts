/** undici as a relay's source. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Sink, Source } from './ends.ts'

type Controller = Dispatcher.DispatchController

export class UndiciSource implements Dispatcher.DispatchHandler, Source {
  private controller: Controller | null = null
  private readonly sink: Sink

  constructor(openSink: (source: Source) => Sink) {
    this.sink = openSink(this)
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller
    this.sink.start()
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHttpHeaders, statusText = ''): void {
    // 1xx announce the real answer; they concern this connection only.
    if (status >= 200) this.sink.begin({ status, statusText, headers })
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.sink.data(chunk)
  }

  onResponseEnd(_controller: Controller, trailers: IncomingHttpHeaders): void {
    this.sink.end(trailers)
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    this.sink.fail(error)
  }

  pause(): void {
    this.controller?.pause()
  }

  resume(): void {
    this.controller?.resume()
  }

  abort(reason: string): void {
    this.controller?.abort(new Error(reason))
  }
}
