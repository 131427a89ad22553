/** What the applications of the simulated world ask models to do: fixed texts that have nothing in common but their language. */

export interface Task {
  /** `null` = the application sends none. */
  system: string | null
  /** The fixed beginning of the user text; the request's own text follows it. */
  opening: string
}

const openings = [
  'Summarise the incident report below for the engineers of the next shift:',
  'Translate this product description into plain German for a shop window:',
  'Extract every delivery date from the forwarder notes that follow here:',
  'Classify the customer complaint by its department and its urgency:',
  'Rewrite the tenant letter so that a ten year old understands it:',
  'Draft a polite answer to the supplier whose message stands here:',
  'List all open questions that remain after reading the meeting minutes:',
  'Compare both insurance offers and name the cheaper one with its reason:',
  'Turn the cooking recipe into a shopping list for four people:',
  'Find contradictions between the witness statements given underneath:',
  'Suggest three headlines for the regional newspaper article pasted here:',
  'Explain the error message of the build server to a new colleague:',
  'Estimate how long the described repair of the machine will take:',
  'Sort these support tickets by the product that they talk about:',
  'Write release notes from the commit messages in the next paragraph:',
  'Check the invoice lines and report amounts that do not add up:',
  'Shorten the museum guide entry to at most two friendly sentences:',
  'Name the medical terms in the referral and give their lay words:',
  'Convert the spoken directions into numbered steps for a courier:',
  'Judge whether the job application fits the vacancy that is quoted:',
]

const houses = [
  ['Harbour Ferries', 'timetables, fares and the weather on the crossing'],
  ['Greenfield Garden Centre', 'soil, seeds and the care of indoor plants'],
  ['Northlight Eye Clinic', 'appointments, spectacles and what patients may expect'],
  ['Old Mill Bakery', 'breads, allergens and orders for the weekend'],
  ['Quarry Road Car Workshop', 'repairs, spare parts and annual inspections'],
  ['Silver Birch Library', 'loans, reservations and evening readings'],
  ['Copper Kettle Tea House', 'teas, brewing times and tables for groups'],
  ['Lantern Street Theatre', 'plays, seats and the bar in the interval'],
  ['Riverbend Canoe Hire', 'boats, tours and the level of the water'],
  ['Stonebridge Housing', 'flats, heating bills and repairs on the stairs'],
  ['Blue Door Language School', 'courses, placement tests and conversation evenings'],
  ['Hilltop Observatory', 'guided nights, telescopes and the phases of the moon'],
  ['Maple Lane Vet', 'vaccinations, feeding and opening hours for emergencies'],
  ['Three Anchors Chandlery', 'ropes, paints and charts of the estuary'],
  ['Sunnyside Kindergarten', 'places, meals and what children should bring'],
  ['Ironworks Climbing Hall', 'routes, shoes and lessons for beginners'],
  ['Parcel Corner', 'labels, insurance and collection from the door'],
  ['Meadow Farm Dairy', 'cheeses, deliveries and visits to the stable'],
  ['Walnut Street Tailors', 'measurements, cloths and alterations of suits'],
  ['Tidewater Energy', 'tariffs, meter readings and moving house'],
] as const

/** 40 of them: half are known by their user text, half by their system prompt. */
export const tasks: readonly Task[] = [
  ...openings.map((opening) => ({ system: null, opening })),
  ...houses.map(([house, subjects]) => ({
    system: `You answer visitors of ${house} about ${subjects}. Speak in the name of ${house}, be friendly, and say so when you are not certain of something.`,
    opening: '',
  })),
]

/** Words of no language, so that the texts of requests share nothing with the templates. */
const onsets = ['b', 'br', 'd', 'dr', 'f', 'fl', 'g', 'gr', 'k', 'kl', 'l', 'm', 'n', 'p', 'pl', 'r', 's', 'st', 't', 'tr', 'v', 'w', 'z', 'sh']
const vowels = ['a', 'e', 'i', 'o', 'u', 'ai', 'ea', 'io', 'ou']
const codas = ['', 'l', 'm', 'n', 'r', 's', 't', 'nd', 'rk', 'st']

export function toWord(pick: (count: number) => number): string {
  const syllable = (): string => `${onsets[pick(onsets.length)]}${vowels[pick(vowels.length)]}${codas[pick(codas.length)]}`
  return `${syllable()}${syllable()}`
}
