/**
 * The thread that validates: what callers' schemas make it do, endless patterns included, costs at most this thread.
 */
import { Validator, type Schema } from '@cfworker/json-schema'
import { answerQuestions } from '../thread/answering.ts'

/** As JSON, so that nothing but text crosses. */
export interface SchemaQuestion {
  schema: string
  value: string
}

answerQuestions(({ schema, value }: SchemaQuestion) => validate(schema, value))

/** `null` = the schema itself is not usable, so nothing can be held against the value. */
function validate(schema: string, value: string): boolean | null {
  try {
    return new Validator(JSON.parse(schema) as Schema, '2020-12').validate(JSON.parse(value)).valid
  } catch {
    return null
  }
}
