import type { ConstraintKind } from "@weft/engine";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import type { ProjectTaskRow } from "./project-task.store.js";
import { projectTaskColumns } from "./project-task.type.js";

const maxDuration = 1_000_000;
const maxWork = 10_000_000;
/** Plans resolve their calendars for the whole span of their dates. */
const firstYear = 2000;
const lastYear = 2099;

type Checked =
  | "name"
  | "description"
  | "durationMinutes"
  | "constraintAt"
  | "deadlineAt"
  | "estimateMinutes"
  | "actualMinutes"
  | "percentComplete"
  | "actualStartAt"
  | "actualFinishAt";

type Values = { readonly [Field in Checked]?: ProjectTaskRow[Field] | null | undefined };

/**
 * Checks the given values of a task, all at once.
 * @throws BadUserInput
 */
export function assertTaskValues(values: Values): void {
  const numbers = [
    ["durationMinutes", maxDuration],
    ["estimateMinutes", maxWork],
    ["actualMinutes", maxWork],
    ["percentComplete", 100],
  ] as const;
  const times = ["constraintAt", "deadlineAt", "actualStartAt", "actualFinishAt"] as const;
  const problems = [
    ...projectTaskColumns.textProblems(values),
    ...numbers.flatMap(([field, max]) => numberProblems(`input.${field}`, values[field], max)),
    ...times.flatMap((field) => planTimeProblems(`input.${field}`, values[field])),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}

export function numberProblems(path: string, value: number | null | undefined, max: number): Problem[] {
  if (typeof value !== "number" || (value >= 0 && value <= max)) return [];
  return [{ path, message: `${value} is not between 0 and ${max}.` }];
}

/** Returns the problems of a time of a plan. */
export function planTimeProblems(path: string, time: string | null | undefined): Problem[] {
  if (typeof time !== "string") return [];
  const year = new Date(time).getUTCFullYear();
  if (year >= firstYear && year <= lastYear) return [];
  return [{ path, message: `${time} is out of range. Use a time from the year ${firstYear} to ${lastYear}.` }];
}

/**
 * Checks that a constraint has a time if and only if its kind needs one.
 * @throws BadUserInput
 */
export function assertConstraint({ constraintKind, constraintAt }: Pick<ProjectTaskRow, "constraintKind" | "constraintAt">): void {
  const kind = constraintKind as ConstraintKind;
  if (takesTime(kind) === (constraintAt !== null)) return;
  const message = takesTime(kind) ? `The constraint ${kind} needs a time.` : `The constraint ${kind} has no time. Omit constraintAt.`;
  throw new BadUserInput([{ path: "input.constraintAt", message }]);
}

export const takesTime = (kind: string): boolean => kind !== "ASAP" && kind !== "ALAP";

/**
 * Checks that the actual times fit together.
 * @throws BadUserInput
 */
export function assertActuals(row: Pick<ProjectTaskRow, "actualStartAt" | "actualFinishAt">, path = "input.actualFinishAt"): void {
  const { actualStartAt, actualFinishAt } = row;
  if (actualFinishAt === null || (actualStartAt !== null && Date.parse(actualStartAt) <= Date.parse(actualFinishAt))) return;
  const message =
    actualStartAt === null
      ? "A finished task needs actualStartAt, too."
      : `The actual finish is before the actual start, ${actualStartAt}.`;
  throw new BadUserInput([{ path, message }]);
}
