import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { isPermission } from "@weft/shared/viewer";
import { textProblems } from "@weft/shared/texts";
import type { Duty } from "./conflicting-duties.js";
import type { ReportParameters } from "./kinds/kind.js";
import type { ConflictingDutiesInput, DutyInput, ReportContentInput } from "./report.input.js";

const maxPermissions = 200;
const maxConflicts = 50;
const maxActions = 20;

/** Returns what a report is asked for in addition to the period. @throws BadUserInput */
export function parametersOf({ kind, permissions, conflictingDuties }: ReportContentInput): ReportParameters {
  const problems = [
    ...usedBy("ACCESS_REVIEW", kind, { path: "input.permissions", value: permissions }),
    ...usedBy("SEPARATION_OF_DUTIES", kind, { path: "input.conflictingDuties", value: conflictingDuties }),
    ...(permissions ? sizeProblems(permissions, "input.permissions", maxPermissions) : []),
    ...(permissions ?? []).flatMap((permission, index) => permissionProblems(permission, `input.permissions.${index}`)),
    ...(conflictingDuties ? sizeProblems(conflictingDuties, "input.conflictingDuties", maxConflicts) : []),
    ...(conflictingDuties ?? []).flatMap((conflict, index) => conflictProblems(conflict, `input.conflictingDuties.${index}`)),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return {
    ...(permissions && { permissions: [...new Set(permissions)] }),
    ...(conflictingDuties && {
      conflictingDuties: conflictingDuties.map(({ name, first, second }) => ({ name, first: dutyOf(first), second: dutyOf(second) })),
    }),
  };
}

const dutyOf = ({ permission, actions }: DutyInput): Duty => ({ permission, actions: actions ?? [permission] });

interface Given {
  readonly path: string;
  readonly value: unknown;
}

const usedBy = (kind: string, given: string, { path, value }: Given): Problem[] =>
  value === null || value === undefined || given === kind
    ? []
    : [{ path, message: `Only reports of the kind ${kind} take this field. Remove it, or use that kind.` }];

const sizeProblems = ({ length }: readonly unknown[], path: string, max: number): Problem[] =>
  length >= 1 && length <= max ? [] : [{ path, message: `The list has ${length} items. Use 1 to ${max}, or omit it.` }];

const permissionProblems = (permission: string, path: string): Problem[] =>
  isPermission(permission) ? [] : [{ path, message: `The permission ${quote(permission)} does not exist. See the query permissions.` }];

function conflictProblems({ name, first, second }: ConflictingDutiesInput, path: string): Problem[] {
  return [
    ...textProblems(`${path}.name`, name, { max: 200 }),
    ...dutyProblems(first, `${path}.first`),
    ...dutyProblems(second, `${path}.second`),
  ];
}

function dutyProblems({ permission, actions }: DutyInput, path: string): Problem[] {
  const ofActions = (actions ?? []).flatMap((action, index) =>
    /^[a-zA-Z]+\.[a-zA-Z]+$/.test(action)
      ? []
      : [
          {
            path: `${path}.actions.${index}`,
            message: `${quote(action)} is not an action. Use \`object.verb\`, for example contract.sign.`,
          },
        ],
  );
  return [
    ...permissionProblems(permission, `${path}.permission`),
    ...(actions ? sizeProblems(actions, `${path}.actions`, maxActions) : []),
    ...ofActions,
  ];
}
