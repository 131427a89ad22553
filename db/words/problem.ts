/** A problem of the configuration, with its place. Types only: every folder may import this file. */

export interface Problem {
  /** Where it is: a configuration path such as `providers[0].baseUrl`, or a variable's name. */
  path: string
  message: string
}
