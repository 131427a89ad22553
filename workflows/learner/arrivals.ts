/** How many exchanges are recorded a second, over the last two to three seconds. */
export interface Arrivals {
  add(count: number): void
  perSecond(): number
}

const slotMs = 500
const slotsKept = 5

/** `now`: a monotonic clock in ms. */
export function createArrivals(now: () => number = () => performance.now()): Arrivals {
  const slots = new Map<number, number>()
  const current = (): number => Math.floor(now() / slotMs)
  const forget = (): void => {
    for (const slot of slots.keys()) if (slot <= current() - slotsKept) slots.delete(slot)
  }
  return {
    add(count) {
      forget()
      slots.set(current(), (slots.get(current()) ?? 0) + count)
    },
    perSecond() {
      forget()
      let sum = 0
      for (const count of slots.values()) sum += count
      return sum / ((slotsKept * slotMs) / 1000)
    },
  }
}
