/** What vendors did in a period, and the figures that follow from it. Pure. */

/** Sums over the work of a vendor. Times are seconds. */
export interface WorkSums {
  readonly assigned: number;
  readonly responded: number;
  readonly responseSeconds: number;
  readonly completed: number;
  readonly completionSeconds: number;
  readonly reopened: number;
  /** Completed work during which SLA clocks ended, and that of which all clocks were met. */
  readonly measured: number;
  readonly met: number;
  readonly rated: number;
  readonly stars: number;
}

export const noWork: WorkSums = {
  assigned: 0,
  responded: 0,
  responseSeconds: 0,
  completed: 0,
  completionSeconds: 0,
  reopened: 0,
  measured: 0,
  met: 0,
  rated: 0,
  stars: 0,
};

export const addWork = (a: WorkSums, b: WorkSums): WorkSums => ({
  assigned: a.assigned + b.assigned,
  responded: a.responded + b.responded,
  responseSeconds: a.responseSeconds + b.responseSeconds,
  completed: a.completed + b.completed,
  completionSeconds: a.completionSeconds + b.completionSeconds,
  reopened: a.reopened + b.reopened,
  measured: a.measured + b.measured,
  met: a.met + b.met,
  rated: a.rated + b.rated,
  stars: a.stars + b.stars,
});

export enum VendorFigureName {
  ASSIGNED = "ASSIGNED",
  RESPONSE_TIME = "RESPONSE_TIME",
  COMPLETED = "COMPLETED",
  COMPLETION_TIME = "COMPLETION_TIME",
  FIRST_TIME_FIX = "FIRST_TIME_FIX",
  REOPENED = "REOPENED",
  SLA_COMPLIANCE = "SLA_COMPLIANCE",
  RATING = "RATING",
}

export enum VendorFigureUnit {
  COUNT = "COUNT",
  SECONDS = "SECONDS",
  SHARE = "SHARE",
  STARS = "STARS",
}

export interface Figure {
  readonly name: VendorFigureName;
  readonly unit: VendorFigureUnit;
  /** Null if there is nothing to compute it from. */
  readonly value: number | null;
  /** Number of assignments that the figure counts. */
  readonly count: number;
  /** Number of assignments that it is a part of. Equal to `count` except for shares. */
  readonly total: number;
}

const { COUNT, SECONDS, SHARE, STARS } = VendorFigureUnit;

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Returns all figures, in the order of the enum. */
export function figuresOf(sums: WorkSums): Figure[] {
  const { assigned, responded, completed, reopened, measured, met, rated } = sums;
  const fixed = completed - reopened;
  const name = VendorFigureName;
  return [
    { name: name.ASSIGNED, unit: COUNT, value: assigned, count: assigned, total: assigned },
    { name: name.RESPONSE_TIME, unit: SECONDS, value: ratio(sums.responseSeconds, responded), count: responded, total: responded },
    { name: name.COMPLETED, unit: COUNT, value: completed, count: completed, total: completed },
    { name: name.COMPLETION_TIME, unit: SECONDS, value: ratio(sums.completionSeconds, completed), count: completed, total: completed },
    { name: name.FIRST_TIME_FIX, unit: SHARE, value: ratio(fixed, completed), count: fixed, total: completed },
    { name: name.REOPENED, unit: SHARE, value: ratio(reopened, completed), count: reopened, total: completed },
    { name: name.SLA_COMPLIANCE, unit: SHARE, value: ratio(met, measured), count: met, total: measured },
    { name: name.RATING, unit: STARS, value: ratio(sums.stars, rated), count: rated, total: rated },
  ];
}
