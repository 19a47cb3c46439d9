/** The tasks that the steps of a machine open for people, as far as their roles are known before a run. */
import type { ValueTemplate } from "../model/automation.js";
import type { Machine } from "../model/machine.js";
import type { Path } from "../model/problems.js";
import { memberOf, worksOfSteps } from "./step-works.js";

/** `path`: of the roles. */
export type StepTask = { readonly step: string; readonly roles: readonly string[]; readonly path: Path };

/** Returns the tasks, each with its place. Those of which a role is computed are omitted. */
export const tasksOfSteps = (machine: Machine): readonly StepTask[] =>
  worksOfSteps(machine).flatMap(({ step, work, path }) => {
    const at = work.type === "task" ? [] : work.type === "wait" ? ["approval"] : null;
    const roles = at && rolesOf(at.reduce<ValueTemplate | null>((value, name) => value && memberOf(value, name), work.with));
    return roles ? [{ step: step.id, roles, path: [...path, "with", ...(at ?? []), "roles"] }] : [];
  });

function rolesOf(template: ValueTemplate | null): readonly string[] | null {
  const roles = template && memberOf(template, "roles");
  const value = roles?.kind === "value" ? roles.value : null;
  return Array.isArray(value) && value.every((role) => typeof role === "string") ? value : null;
}
