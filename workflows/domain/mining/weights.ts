/**
 * What fixed text is worth as evidence. Pure.
 *
 * The figures were chosen by leaving families of prompts out (see the evaluation); results change little when one of
 * them moves by a fifth, which is why they are constants and not settings.
 */
import { tokenKind } from './signs.ts'

/** Prompts that must share a fixed text before it is a pattern, or before a part of a pattern is one of its own. */
export const minSupport = 4

/** Worth of one token. A sentence's end or a bracket more often belongs to the slot beside it than to the template. */
const worth = new Float64Array(8)
worth[tokenKind.word] = 1
worth[tokenKind.sign] = 1
worth[tokenKind.line] = 0.75
worth[tokenKind.sentenceEnd] = 0.25
worth[tokenKind.bracket] = 0.5
worth[tokenKind.symbol] = 0.5
worth[tokenKind.mark] = 0.5

/** Worth of a token as a difference between two templates: what a slot's own text begins or ends with tells nothing. */
const distinction = new Float64Array(8)
distinction[tokenKind.word] = 1
distinction[tokenKind.sign] = 1
distinction[tokenKind.line] = 0.75
distinction[tokenKind.symbol] = 0.5

export const weights = {
  worth,
  distinction,
  /** Share of its worth that fixed text keeps at an edge where it breaks off between two words. */
  wordEdge: 0.65,
  /** Share that fixed text without any word keeps: tables and code share such text by chance. */
  wordless: 0.2,
  /** Shares by where the fixed text stands: from the first word, up to the last word, neither. */
  fromStart: 1,
  toEnd: 0.9,
  within: 0.1,
  /** Strength that text within keeps, once nothing anchored contradicts it. */
  withinStrength: 0.25,
  /** Fixed text beyond this worth makes a set hardly more certain. */
  saturation: 20,
  beyondSaturation: 0.01,
  /** Exponent on the number of prompts: a third more prompts do not outweigh twice the text. */
  support: 0.6,
  /** Least strength of a pattern, and least strength times log2 of its prompts. */
  minStrength: 2.5,
  minEvidence: 7,
} as const

export const division = {
  /** Least extra worth of a part, absolute and as a share of the whole's. */
  minExtra: 1.2,
  minExtraShare: 0.2,
  /** Parts that cover so much of a set take its place. */
  coverage: 0.8,
  /** Half suffices when the parts say this many times more than the whole. */
  strongCoverage: 0.5,
  strongRatio: 1.5,
  strongSaturation: 20,
  /** Least extra worth of the remainder that makes it a part too. */
  remainderExtra: 0.75,
  /**
   * A set that leaves no more tokens free than these, within a whole that leaves so many more, is no template: it is
   * one value of a slot that came several times, perhaps with another number.
   */
  freeTokensMax: 3,
  freeTokensMore: 4,
  /** A part this many times the whole leaves even when the remainder has nothing of its own, if the whole is short. */
  carveRatio: 4,
  carveMaxWorth: 10,
} as const
