/**
 * The thread that validates: what callers' schemas make it do, endless patterns included, costs at most this thread.
 */
import { parentPort } from 'node:worker_threads'
import { Validator, type Schema } from '@cfworker/json-schema'

export interface SchemaQuestion {
  id: number
  /** As JSON, so that nothing but text crosses. */
  schema: string
  value: string
}

/** `null` = the schema itself is not usable, so nothing can be held against the value. */
export interface SchemaAnswer {
  id: number
  valid: boolean | null
}

/** Loaded: from here on its time runs. */
parentPort?.postMessage('ready')

parentPort?.on('message', ({ id, schema, value }: SchemaQuestion) => {
  parentPort?.postMessage({ id, valid: validate(schema, value) } satisfies SchemaAnswer)
})

function validate(schema: string, value: string): boolean | null {
  try {
    return new Validator(JSON.parse(schema) as Schema, '2020-12').validate(JSON.parse(value)).valid
  } catch {
    return null
  }
}
