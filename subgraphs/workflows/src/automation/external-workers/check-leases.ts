import { isWorkerTask } from "@weft/engine";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { isUuid } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";

const MAX_TASKS = 50;
const MAX_STEPS = 100;
const MIN_LEASE_SECONDS = 2;
const MAX_LEASE_SECONDS = 3600;

/** @throws BadUserInput */
export function assertSound(problems: readonly (Problem | null)[]): void {
  const found = problems.flatMap((problem) => problem ?? []);
  if (found.length > 0) throw new BadUserInput(found);
}

/** Returns what is wrong with a number, if anything is. */
export const numberProblem = (
  value: number | null | undefined,
  { path, min, max }: { readonly path: string; readonly min: number; readonly max: number },
): Problem | null =>
  value === null || value === undefined || (value >= min && value <= max)
    ? null
    : { path, message: `${value} is not between ${min} and ${max}.` };

/** Returns what is wrong with the length of a list, if anything is. */
export const listProblem = (list: readonly unknown[], { path, max }: { readonly path: string; readonly max: number }): Problem | null =>
  list.length >= 1 && list.length <= max ? null : { path, message: `The list has ${list.length} entries. Pass 1 to ${max}.` };

export const leaseProblem = (lease: string, path: string): Problem | null =>
  isUuid(lease) ? null : { path, message: `${quote(lease)} is not a lease. Pass the one that takeSteps has returned.` };

/** Returns what is wrong with what a worker wants to take. */
export const takingProblems = (
  { tasks, max, leaseSeconds }: { readonly tasks: readonly string[]; readonly max?: number | null; readonly leaseSeconds?: number | null },
  path: string,
): (Problem | null)[] => [
  listProblem(tasks, { path: `${path}.tasks`, max: MAX_TASKS }),
  ...tasks.map((task, index) =>
    isWorkerTask(task) ? null : { path: `${path}.tasks[${index}]`, message: `${quote(task)} is not a task. Tasks look like send-invoice.` },
  ),
  numberProblem(max, { path: `${path}.max`, min: 1, max: MAX_STEPS }),
  leaseSecondsProblem(leaseSeconds, path),
];

export const leaseSecondsProblem = (seconds: number | null | undefined, path = "input"): Problem | null =>
  numberProblem(seconds, { path: `${path}.leaseSeconds`, min: MIN_LEASE_SECONDS, max: MAX_LEASE_SECONDS });

export const leaseSecondsOf = ({ services }: Pick<Context, "services">, seconds: number | null | undefined): number =>
  seconds ?? services.config.automation.leaseSeconds;
