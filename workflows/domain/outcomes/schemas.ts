/** What outcomes need of a validator of JSON Schemas; whoever runs one brings it. */
export interface OutcomeDependencies {
  /** Holds answers against the schemas that requests asked for; without it only their form is looked at. */
  schemas?: SchemaValidator | undefined
}

/** Answers `null` where it cannot tell: the schema is unusable, too big, or took too long. */
export interface SchemaValidator {
  isValid(schema: object, value: unknown): Promise<boolean | null>
}
