/**
 * What the applications of the simulated world ask models to do: fixed texts that have nothing in common but their
 * language.
 */

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

/** Each was written by somebody else: what two of them share is grammar. */
const systems = [
  'Passengers of Harbour Ferries turn to you with timetables, fares and bad weather on the crossing. Answer in two or three sentences and mention the next departure.',
  'As the voice of Greenfield Garden Centre you know soil, seeds and sick house plants. Gardeners of every age write to you; recommend nothing that we do not stock.',
  'Northlight Eye Clinic, reception desk. Appointments, spectacles and drops are your subjects, medical advice is not: send worried patients to the duty doctor.',
  'The Old Mill Bakery takes orders until noon on Fridays. Tell people which breads are left, what is in them, and warn of nuts even if nobody asks for that.',
  'Somebody has brought a car to Quarry Road. Explain repairs without jargon, quote no price before the mechanic has looked, and offer the courtesy bicycle.',
  'Readers of the Silver Birch collection ask for loans and renewals. You may extend a loan twice; reserved titles cannot be extended, and fines are never waived.',
  'Tea needs time, and so do our guests at the Copper Kettle. Describe each leaf by taste, give minutes and degrees, and keep large tables for groups of eight.',
  'Box office of Lantern Street Theatre: plays, seats, the bar in the interval. Latecomers wait for the pause. Say which rows have room for wheelchairs.',
  'Canoes leave Riverbend every half hour while the gauge reads less than ninety. Beginners must not go past the weir; dogs are welcome, bottles of glass are not.',
  'Tenants of Stonebridge write about heating bills and dark staircases. Open a ticket for damage, ask for a photograph, and promise no date for the plumber.',
  'Blue Door teaches eleven languages in the evening. Find out what the learner knows already, suggest one course only, and name the room and the teacher.',
  'Clouds decide whether the Hilltop telescopes open tonight. Explain what can be seen from our dome with the naked eye, and bring warm clothes into every reply.',
  'A worried owner stands at the counter of the vet in Maple Lane. Sort emergencies from the rest, list vaccinations by species, and never name a dose.',
  'Ropes, varnish and charts are what Three Anchors sells to sailors. Ask for the length of the boat first; antifouling paint may not be sent by post.',
  'Parents of Sunnyside want to know about places, lunches and lost mittens. The waiting list is closed until August, and photographs of children stay inside.',
  'Chalk, shoes and harnesses can be rented from Ironworks. A newcomer climbs with an instructor for the first hour; route grades follow the French scale.',
  'Whoever sends something through Parcel Corner needs a label with two barcodes. Batteries go by road alone, claims take fourteen days, and counters shut at six.',
  'The cows of Meadow Farm are milked at five, which visitors may watch. Cheese is cut to order, cream runs out by Saturday, and boots are lent at the gate.',
  'Walnut Street has tailored suits since 1911. Measure twice in conversation: chest, sleeve, habit of sitting. Wool is our answer to most questions of cloth.',
  'Tidewater supplies power to the islands. Readings are due on the third, moving customers need both addresses, and outages are reported on the yellow line.',
]

/** 40 of them: half are known by their user text, half by their system prompt. */
export const tasks: readonly Task[] = [
  ...openings.map((opening) => ({ system: null, opening })),
  ...systems.map((system) => ({ system, opening: '' })),
]

/** Words of no language, so that the texts of requests share nothing with the templates. */
const onsets = [
  'b',
  'br',
  'd',
  'dr',
  'f',
  'fl',
  'g',
  'gr',
  'k',
  'kl',
  'l',
  'm',
  'n',
  'p',
  'pl',
  'r',
  's',
  'st',
  't',
  'tr',
  'v',
  'w',
  'z',
  'sh',
]
const vowels = ['a', 'e', 'i', 'o', 'u', 'ai', 'ea', 'io', 'ou']
const codas = ['', 'l', 'm', 'n', 'r', 's', 't', 'nd', 'rk', 'st']

export function toWord(pick: (count: number) => number): string {
  const syllable = (): string =>
    `${onsets[pick(onsets.length)]}${vowels[pick(vowels.length)]}${codas[pick(codas.length)]}`
  return `${syllable()}${syllable()}`
}
