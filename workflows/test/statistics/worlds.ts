/**
 * Worlds in which nothing differs between the arms and everything else moves: rates that drift, outages, bursts, slow
 * hours. A world is one value a unit, in the order of exposure; the arm is drawn beside it.
 */
import type { Dice } from '../experiments/simulator.ts'

export type World = (dice: Dice, units: number) => number[]

type Rate = (index: number, units: number) => number

const yesOrNo =
  (rates: (dice: Dice, units: number) => Rate): World =>
  (dice, units) => {
    const rate = rates(dice, units)
    return Array.from({ length: units }, (_, index) => (dice.next() < rate(index, units) ? 1 : 0))
  }

export const steady = (rate: number): World => yesOrNo(() => () => rate)

export const sine: World = yesOrNo(() => (index, units) => 0.6 + 0.3 * Math.sin((2 * Math.PI * 14 * index) / units))

export const step: World = yesOrNo((dice, units) => {
  const moment = Math.floor(dice.next() * units)
  return (index) => (index < moment ? 0.9 : 0.3)
})

export const blocks = (length: number, high: number, low: number): World =>
  yesOrNo((dice) => {
    const shift = Math.floor(dice.next() * 2 * length)
    return (index) => (Math.floor((index + shift) / length) % 2 === 0 ? high : low)
  })

/** `rate` but for one outage of `length` units, somewhere; `during` is the rate while it lasts. */
export const outage = (rate: number, length: number, during: number): World =>
  yesOrNo((dice, units) => {
    const begin = Math.floor(dice.next() * (units - length))
    return (index) => (index >= begin && index < begin + length ? during : rate)
  })

/** Half of it between two rates, up and down once a "day" of 1,000 units. */
export const dayAndNight = (high: number, low: number): World =>
  yesOrNo(() => (index) => (high + low) / 2 + ((high - low) / 2) * Math.sin((2 * Math.PI * index) / 1_000))

/** A lasting change in the middle, as a provider that gets faster or slower. */
export const change = (before: number, after: number): World =>
  yesOrNo(() => (index, units) => (index < units / 2 ? before : after))

/** A caller sends 1 to 60 units in a row that all end alike. */
export const bursts: World = (dice, units) => {
  const values: number[] = []
  while (values.length < units) {
    const value = dice.next() < 0.7 ? 1 : 0
    const length = 1 + Math.floor(dice.next() * 60)
    for (let unit = 0; unit < length; unit++) values.push(value)
  }
  return values.slice(0, units)
}

/** Latency whose level walks at random, in milliseconds. */
export const walkingLatency: World = (dice, units) => {
  let level = 0
  return Array.from({ length: units }, () => {
    level += 0.02 * dice.normal()
    return 1_000 * Math.exp(level + 0.5 * dice.normal())
  })
}

/** Nine of ten units by an easy model, at the end one of ten. */
export const mix: World = yesOrNo((dice) => (index, units) => {
  const easy = 0.9 - (0.8 * index) / units
  return dice.next() < easy ? 0.9 : 0.4
})

export const heavyCost: World = (dice, units) => Array.from({ length: units }, () => Math.exp(1.5 * dice.normal()))

/** Sessions whose own rate differs, ten exchanges each: the mean of a session is its value. */
export const resemblingSessions: World = (dice, units) =>
  Array.from({ length: units }, () => {
    const own = Math.min(1, Math.max(0, 0.7 + 0.2 * dice.normal()))
    let good = 0
    for (let exchange = 0; exchange < 10; exchange++) if (dice.next() < own) good++
    return good / 10
  })
