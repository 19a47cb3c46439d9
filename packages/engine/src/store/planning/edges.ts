import type { PlanDependency } from "../../core/planning/plan.js";

/** The kinds of dependencies, and what the core calls them. */
const coreKinds = {
  FINISH_TO_START: "FS",
  START_TO_START: "SS",
  FINISH_TO_FINISH: "FF",
  START_TO_FINISH: "SF",
} as const satisfies Readonly<Record<string, PlanDependency["kind"]>>;

export type TaskDependencyKind = keyof typeof coreKinds;

export const toCoreKind = (kind: TaskDependencyKind): PlanDependency["kind"] => coreKinds[kind];

/**
 * Rows as a list for each column, all of the same length; null without rows. The database sends them as one text: the driver reads rows value by value, which
 * takes several times as long for thousands of rows.
 */
export type Columns<Row> = { readonly [Column in keyof Row]: readonly Row[Column][] | null };

export type EdgeColumns = Columns<{
  readonly predecessorId: string;
  readonly successorId: string;
  readonly kind: TaskDependencyKind;
  readonly lagMinutes: number;
}>;

/** Returns dependencies as the core reads them. */
export const edgesOf = ({ predecessorId, successorId, kind, lagMinutes }: EdgeColumns): PlanDependency[] =>
  (predecessorId ?? []).map((predecessor, index) => ({
    predecessorId: predecessor,
    successorId: successorId?.[index] ?? "",
    kind: toCoreKind(kind?.[index] ?? "FINISH_TO_START"),
    lagMinutes: lagMinutes?.[index] ?? 0,
  }));
