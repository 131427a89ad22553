/** What outcomes need of a validator of JSON Schemas; whoever runs one brings it. */
import type { AnswerFault } from './answer-fault.ts'
import type { Examined } from './examine.ts'

export interface OutcomeDependencies {
  /** Holds answers against the schemas that requests asked for; without it only their form is looked at. */
  schemas?: SchemaValidator | undefined
}

/** Answers `null` where it cannot tell: the schema is unusable, too big, or took too long. */
export interface SchemaValidator {
  isValid(schema: object, value: unknown): Promise<boolean | null>
}

/** With what the schemas say; where nobody can hold the answer against them, nothing. */
export async function settleFaults(
  { faults, checks }: Pick<Examined, 'faults' | 'checks'>,
  schemas: OutcomeDependencies['schemas'],
): Promise<AnswerFault[]> {
  if (schemas === undefined) return faults
  const invalid = await Promise.all(
    checks.map(async ({ schema, value, fault }) => ((await schemas.isValid(schema, value)) === false ? [fault] : [])),
  )
  return [...faults, ...invalid.flat()]
}
