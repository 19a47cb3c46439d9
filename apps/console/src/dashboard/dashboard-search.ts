/** Lengths of the periods, in days. */
export const periods = [7, 30, 90] as const;

type Period = (typeof periods)[number];

/** What the dashboard shows, as its address says. */
export interface DashboardSearch {
  /** Key of a definition. */
  readonly process?: string;
  /** ID of a building. */
  readonly building?: string;
  /** Length of the period. Default: 30 */
  readonly days?: Period;
}

const isPeriod = (days: unknown): days is Period => periods.some((one) => one === days);

export const dashboardSearch = ({ process, building, days }: Record<string, unknown>): DashboardSearch => ({
  ...(typeof process === "string" && process !== "" && { process }),
  ...(typeof building === "string" && building !== "" && { building }),
  ...(isPeriod(days) && days !== 30 && { days }),
});
