/** The plan of the renovation: four phases with twenty-five tasks. Durations are working days. */

/** IDs of the vendors of the project. */
export interface Vendors {
  readonly builder: string;
  readonly lifts: string;
}

/** Who does a task: a demo login, or a vendor of the project. */
export type Worker = { readonly login: string } | { readonly vendor: keyof Vendors };

export interface PlannedTask {
  readonly name: string;
  readonly days: number;
  /** Names of the tasks that must be finished first. */
  readonly after?: readonly string[];
  readonly by?: Worker;
  /** Percentage reported so far. */
  readonly done?: number;
}

export interface PlannedPhase {
  readonly name: string;
  readonly tasks: readonly PlannedTask[];
}

const manager = { login: "manager" } as const;
const technical = { login: "technical" } as const;
const operations = { login: "operations" } as const;
const builder = { vendor: "builder" } as const;
const lifts = { vendor: "lifts" } as const;

export const renovationPlan: readonly PlannedPhase[] = [
  {
    name: "Planning",
    tasks: [
      { name: "Survey of the building", days: 3, by: technical, done: 100 },
      { name: "Design of the lobby", days: 8, after: ["Survey of the building"], by: manager, done: 100 },
      { name: "Fire protection concept", days: 5, after: ["Survey of the building"], by: technical, done: 100 },
      { name: "Building permit", days: 10, after: ["Design of the lobby", "Fire protection concept"], by: manager, done: 100 },
      { name: "Offers of builders", days: 6, after: ["Design of the lobby"], by: operations, done: 100 },
      { name: "Contract with the builder", days: 5, after: ["Offers of builders"], by: manager, done: 60 },
    ],
  },
  {
    name: "Demolition and shell",
    tasks: [
      { name: "Temporary entrance", days: 3, after: ["Building permit"], by: builder, done: 100 },
      { name: "Removal of the old ceiling", days: 4, after: ["Temporary entrance"], by: builder, done: 100 },
      { name: "Removal of the old floor", days: 4, after: ["Temporary entrance"], by: builder, done: 70 },
      { name: "Disposal of the rubble", days: 2, after: ["Removal of the old ceiling", "Removal of the old floor"], by: builder },
      { name: "New opening to the courtyard", days: 6, after: ["Disposal of the rubble"], by: builder },
      { name: "Shaft for the second elevator", days: 9, after: ["Disposal of the rubble"], by: builder },
    ],
  },
  {
    name: "Fit-out",
    tasks: [
      { name: "Power and network", days: 7, after: ["New opening to the courtyard"], by: technical },
      { name: "Ventilation", days: 6, after: ["New opening to the courtyard"], by: technical },
      { name: "New ceiling", days: 5, after: ["Power and network", "Ventilation"], by: builder },
      { name: "Screed", days: 3, after: ["New opening to the courtyard"], by: builder },
      { name: "Stone floor", days: 8, after: ["Screed", "New ceiling"], by: builder },
      { name: "Second elevator", days: 12, after: ["Shaft for the second elevator"], by: lifts },
      { name: "Doors and glass", days: 5, after: ["Stone floor"], by: builder },
      { name: "Paint", days: 4, after: ["New ceiling"], by: builder },
    ],
  },
  {
    name: "Handover",
    tasks: [
      { name: "Approval of the elevator", days: 2, after: ["Second elevator"], by: lifts },
      { name: "Fire safety inspection", days: 2, after: ["Doors and glass", "Paint"], by: technical },
      { name: "Furniture and signs", days: 3, after: ["Doors and glass", "Paint"], by: operations },
      { name: "Defects list", days: 3, after: ["Fire safety inspection", "Furniture and signs", "Approval of the elevator"], by: manager },
      { name: "Opening", days: 0, after: ["Defects list"], by: manager },
    ],
  },
];

/** What the scope contains, with its criteria of acceptance. */
export const scopeItems = [
  { title: "Lobby", acceptanceCriteria: ["Stone floor without visible joints", "Entrance without steps"], status: "IN_PROGRESS" },
  { title: "Second elevator", acceptanceCriteria: ["Approved by the inspection authority", "Space for a stretcher"] },
  { title: "Opening to the courtyard", acceptanceCriteria: ["Doors open without effort", "Emergency exit"] },
] as const;

export interface PlannedMilestone {
  readonly name: string;
  /** Days from now. */
  readonly dueIn: number;
  /** Names of the tasks that must be done first. */
  readonly tasks: readonly string[];
}

export const plannedMilestones: readonly PlannedMilestone[] = [
  { name: "Building permit granted", dueIn: -30, tasks: ["Building permit"] },
  { name: "Shell finished", dueIn: 21, tasks: ["New opening to the courtyard", "Shaft for the second elevator"] },
];

export interface PlannedCost {
  /** Name of the task. The cost is recorded together with its progress. */
  readonly reported: string;
  /** In cents. */
  readonly amount: number;
  readonly category: "LABOR" | "MATERIAL" | "SERVICE" | "EQUIPMENT";
  readonly vendor?: keyof Vendors;
  readonly note: string;
}

export const plannedCosts: readonly PlannedCost[] = [
  { reported: "Survey of the building", amount: 1_240_000, category: "SERVICE", note: "Structural engineer" },
  { reported: "Building permit", amount: 385_000, category: "SERVICE", note: "Fees of the building authority" },
  { reported: "Temporary entrance", amount: 2_160_000, category: "LABOR", vendor: "builder", note: "Entrance through the garage" },
  { reported: "Removal of the old ceiling", amount: 3_475_000, category: "LABOR", vendor: "builder", note: "First invoice" },
];
