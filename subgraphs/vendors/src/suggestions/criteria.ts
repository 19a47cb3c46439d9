/** The criteria by which vendors are suggested. Pure. */
import { lackOf, limitReached, type MissingDocument, type VendorLimits, type VendorLoad } from "@weft/engine";
import { type Medians, type RateInForce, ratePrice } from "./price.js";

export enum VendorCriterion {
  CATEGORY = "CATEGORY",
  AREA = "AREA",
  CAPACITY = "CAPACITY",
  PRICE = "PRICE",
  PERFORMANCE = "PERFORMANCE",
}

export enum VendorExclusion {
  STATUS = "STATUS",
  DOCUMENTS = "DOCUMENTS",
  CATEGORY = "CATEGORY",
  ABSENCE = "ABSENCE",
  CLOSED = "CLOSED",
  CAPACITY = "CAPACITY",
}

/** The work for which a vendor is needed. */
export interface Need {
  /** In lower case: categories, or for a request words that can be categories. */
  readonly categories: readonly string[];
  /** Whether the categories were given, so that vendors without any of them are no candidates. */
  readonly isCategoryRequired: boolean;
  /** UUID */
  readonly buildingId: string | null;
  /** YYYY-MM-DD */
  readonly today: string;
  readonly neededOn: string;
}

/** What is known of a vendor. */
export interface Candidate extends VendorLimits {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly categories: readonly string[];
  /** Why the vendor works in the building. Null without a building that the viewer can see. */
  readonly area: "BUILDING" | "REGION" | "ELSEWHERE" | null;
  /** Those that are valid on the day of the work. */
  readonly rates: readonly RateInForce[];
  readonly load: VendorLoad;
  /** Absences on the present day or the day of the work. */
  readonly absences: readonly { readonly fromDay: string; readonly untilDay: string }[];
  /** Required documents that it lacks. */
  readonly missing: readonly MissingDocument[];
  /** Whether its calendar has working hours on the day of the work. */
  readonly isOpen: boolean;
  /** Score of its performance, from 0 to 100. Null without completed or rated work. */
  readonly performance: number | null;
}

export interface Reason {
  readonly criterion: VendorCriterion;
  readonly weight: number;
  /** From 0 to 100. */
  readonly points: number;
  readonly message: string;
}

interface Criterion {
  readonly criterion: VendorCriterion;
  readonly weight: number;
  /** Returns null if the criterion does not count for the vendor. */
  readonly rate: (candidate: Candidate, need: Need, medians: Medians) => Pick<Reason, "points" | "message"> | null;
}

/** Each counts by its weight. */
const criteria: readonly Criterion[] = [
  { criterion: VendorCriterion.CATEGORY, weight: 40, rate: rateCategories },
  { criterion: VendorCriterion.AREA, weight: 20, rate: rateArea },
  { criterion: VendorCriterion.CAPACITY, weight: 20, rate: rateCapacity },
  {
    criterion: VendorCriterion.PRICE,
    weight: 20,
    // Without any prices there is nothing to compare.
    rate: (candidate, { categories }, medians) => (medians.size === 0 ? null : ratePrice(candidate, categories, medians)),
  },
  { criterion: VendorCriterion.PERFORMANCE, weight: 40, rate: ratePerformance },
];

/** Returns why a vendor gets a place, and the weighted mean of the points. `medians` are those of all candidates. */
export function rank(candidate: Candidate, need: Need, medians: Medians): { readonly score: number; readonly reasons: readonly Reason[] } {
  const reasons = criteria.flatMap(({ criterion, weight, rate }) => {
    const rated = rate(candidate, need, medians);
    return rated === null ? [] : [{ criterion, weight, ...rated }];
  });
  const whole = reasons.reduce((sum, { weight }) => sum + weight, 0);
  return { score: whole === 0 ? 0 : reasons.reduce((sum, { points, weight }) => sum + points * weight, 0) / whole, reasons };
}

/** Returns why a vendor cannot get the work. Empty if it can. */
export function exclusionsOf(candidate: Candidate, need: Need): { readonly reason: VendorExclusion; readonly message: string }[] {
  const { status, absences, missing, isOpen, load } = candidate;
  const limit = limitReached(candidate, load, "REQUEST");
  const found: [VendorExclusion, string | false][] = [
    [VendorExclusion.STATUS, status !== "ACTIVE" && `The vendor has the status ${status}.`],
    ...missing.map((document): [VendorExclusion, string] => [
      VendorExclusion.DOCUMENTS,
      `The vendor gets no new work: ${lackOf(document)}.`,
    ]),
    [
      VendorExclusion.CATEGORY,
      need.isCategoryRequired &&
        matching(candidate, need).length === 0 &&
        `The vendor has none of the categories ${listed(need.categories)}.`,
    ],
    ...absences.map(({ fromDay, untilDay }): [VendorExclusion, string] => [
      VendorExclusion.ABSENCE,
      `The vendor is absent from ${fromDay} until ${untilDay}.`,
    ]),
    [VendorExclusion.CLOSED, !isOpen && `The vendor does not work on ${need.neededOn}.`],
    [VendorExclusion.CAPACITY, limit !== null && `The vendor ${limit}`],
  ];
  return found.flatMap(([reason, message]) => (message === false ? [] : [{ reason, message }]));
}

/** Returns the categories of a vendor that the work needs. */
export const matching = ({ categories }: Pick<Candidate, "categories">, need: Need): string[] =>
  categories.filter((category) => need.categories.includes(category.toLowerCase()));

const listed = (words: readonly string[]): string => new Intl.ListFormat("en", { type: "disjunction" }).format(words);

function rateCategories(candidate: Candidate, need: Need): Pick<Reason, "points" | "message"> {
  const found = matching(candidate, need);
  if (found.length === 0) return { points: 0, message: "None of its categories matches." };
  const points = need.isCategoryRequired ? (100 * found.length) / need.categories.length : 100;
  return { points, message: `Has ${found.length === 1 ? "the category" : "the categories"} ${found.join(", ")}.` };
}

function rateArea({ area }: Candidate): Pick<Reason, "points" | "message"> | null {
  switch (area) {
    case null:
      return null;
    case "BUILDING":
      return { points: 100, message: "Works in the building." };
    case "REGION":
      return { points: 100, message: "Works in the region of the building." };
    case "ELSEWHERE":
      return { points: 0, message: "Works neither in the building nor in its region." };
  }
}

function rateCapacity({ load, maxOpen, perDay, perWeek }: Candidate): Pick<Reason, "points" | "message"> {
  const left = (
    [
      [maxOpen, load.open],
      [perDay, load.today],
      [perWeek, load.thisWeek],
    ] as const
  ).flatMap(([limit, count]) => (limit === null ? [] : [limit === 0 ? 0 : Math.max(0, (100 * (limit - count)) / limit)]));
  const message = `Has ${load.open} open ${load.open === 1 ? "assignment" : "assignments"}`;
  return {
    points: Math.min(100, ...left),
    message: maxOpen === null ? `${message}, without a limit.` : `${message} of at most ${maxOpen}.`,
  };
}

function ratePerformance({ performance }: Candidate): Pick<Reason, "points" | "message"> | null {
  if (performance === null) return null;
  return { points: performance, message: `Has a score of ${performance.toFixed(0)} of 100 for its work in the last 30 days.` };
}
