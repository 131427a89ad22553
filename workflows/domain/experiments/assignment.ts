/**
 * Which arm a unit is in and whether it takes part yet: functions of the unit alone, so that nothing has to be
 * remembered. Pure.
 */
import { sha256Head, sha256Hex } from './sha256.ts'

export type Arm = 'control' | 'treatment'

export interface Split {
  /** New for each version of an experiment. */
  salt: string
  /** Units whose number lies below it are exposed, 0 to 1. */
  share: number
  /** Of the exposed: 0.5 in a test, small in a hold-back. */
  controlShare: number
}

/** Of a test. */
export const testControlShare = 0.5

/** What identifies a unit, in order of preference; the first that is there counts. */
export interface UnitSource {
  team: string
  sessionKey: string | null
  endUser: string | null
  keyName: string
  /**
   * What the conversation opened with: the same text in each of its turns. Where a request holds none, what it can be:
   * the answer it goes on from, or the request itself.
   */
  opening: string
  patternId: string
}

const two16 = 0x10000
const two48 = 0x1000000000000

/** u in [0, 1): the first 6 bytes of SHA-256, big-endian, by 2⁴⁸. 48 bits fit a number exactly. */
export function toFraction(text: string): number {
  const [first, second] = sha256Head(text)
  return (first * two16 + (second >>> 16)) / two48
}

/** The unit's number in this version of the experiment; it never changes. */
export function drawNumber({ salt }: Pick<Split, 'salt'>, unit: string): number {
  return toFraction(`${salt}:${unit}`)
}

export function assignArm(split: Pick<Split, 'salt' | 'controlShare'>, unit: string): Arm {
  return toArm(split, drawNumber(split, unit))
}

export function toArm({ controlShare }: Pick<Split, 'controlShare'>, drawn: number): Arm {
  return drawn < controlShare ? 'control' : 'treatment'
}

/** By a hash of its own, so that raising the share adds units and moves none. */
export function isExposed({ salt, share }: Pick<Split, 'salt' | 'share'>, unit: string): boolean {
  return toFraction(`${salt}:expose:${unit}`) < share
}

/** `null` = the unit takes no part (yet): its prompt goes as if there were no experiment. */
export function decideArm(split: Split, unit: string): Arm | null {
  return isExposed(split, unit) ? assignArm(split, unit) : null
}

/** Enough of a long opening to tell two apart: how it begins, how it ends, and how long it is. */
const openingEdge = 512

/**
 * The conversation if the client names one, else the end user, else the conversation by what it opened with.
 * Conversations of a key that open alike are one unit; a whole key never is. 32 hex digits of a hash: what callers put
 * into these names is stored nowhere else for it.
 */
export function toUnit({ team, sessionKey, endUser, keyName, opening, patternId }: UnitSource): string {
  const name =
    sessionKey !== null
      ? `session\n${sessionKey}`
      : endUser !== null
        ? `user\n${keyName}\n${endUser}`
        : `opening\n${keyName}\n${patternId}\n${opening.length}\n${opening.slice(0, openingEdge)}\n${opening.slice(-openingEdge)}`
  return sha256Hex(`${team}\n${name}`).slice(0, 32)
}
