/**
 * How much evidence a win needs when many experiments run, one after another and at once: e-LOND (Xu, Ramdas: Online
 * multiple testing with e-values, AISTATS 2024). Of all wins that are ever called among the experiments of one period
 * at most `level` are false in the mean, at any moment, however often one looks, and whatever hangs together with what.
 * A win stays a win. Pure.
 */

export interface FleetPlace {
  /** 1 = the first experiment that was started in its period. */
  number: number
  /** Wins of the period so far, this one left out. */
  wins: number
}

const decay = 1.5
/** ζ(1.5): the shares of all experiments there can ever be sum to one. */
const sumOfShares = 2.612375348685488

/**
 * The logarithm of the e-value that a win needs: the later an experiment starts the more, the more wins there are the
 * less.
 */
export function toFleetLimit({ number, wins }: FleetPlace, level: number): number {
  const share = number ** -decay / sumOfShares
  return -Math.log(level * share * (wins + 1))
}
