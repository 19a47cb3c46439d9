import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { subjectTypes } from "@weft/shared/ids";
import { isPermission } from "@weft/shared/viewer";
import { textProblems } from "@weft/shared/texts";
import type { Duty } from "./duties/conflicting-duties.js";
import type { ReportParameters } from "./kinds/kind.js";
import { actionsUsing } from "./access/uses-of-permissions.js";
import type { ConflictingDutiesInput, DutyInput, ReportContentInput } from "./report.input.js";

/** What actions are about: types of objects, and the scope of a project. */
const actionObjects: ReadonlySet<string> = new Set([...subjectTypes, "workflow", "scope", "absence"]);
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
    ...nameProblems(conflictingDuties ?? []),
    ...(conflictingDuties ?? []).flatMap((conflict, index) => conflictProblems(conflict, `input.conflictingDuties.${index}`)),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return {
    ...(permissions && { permissions: [...new Set(permissions)] }),
    ...(conflictingDuties && {
      conflictingDuties: conflictingDuties.map(({ name, isSameObject, first, second }) => ({
        name,
        isSameObject,
        first: dutyOf(first),
        second: dutyOf(second),
      })),
    }),
  };
}

const dutyOf = ({ permission, actions }: DutyInput): Duty => ({
  permission,
  actions: [...new Set(actions ?? actionsUsing(permission) ?? [])],
});

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

/** Charts and tables tell pairs apart by their names. */
const nameProblems = (conflicts: readonly ConflictingDutiesInput[]): Problem[] =>
  conflicts.flatMap(({ name }, index) =>
    conflicts.findIndex((other) => other.name === name) < index
      ? [{ path: `input.conflictingDuties.${index}.name`, message: `Another pair has the name ${quote(name)}. Use different names.` }]
      : [],
  );

function conflictProblems({ name, first, second }: ConflictingDutiesInput, path: string): Problem[] {
  return [
    ...textProblems(`${path}.name`, name, { max: 200 }),
    ...dutyProblems(first, `${path}.first`),
    ...dutyProblems(second, `${path}.second`),
  ];
}

function dutyProblems({ permission, actions }: DutyInput, path: string): Problem[] {
  const ofActions = (actions ?? []).flatMap((action, index) => actionProblems(action, `${path}.actions.${index}`));
  const isUnknown = !actions && isPermission(permission) && actionsUsing(permission) === null;
  return [
    ...permissionProblems(permission, `${path}.permission`),
    ...(actions ? sizeProblems(actions, `${path}.actions`, maxActions) : []),
    ...(isUnknown
      ? [
          {
            path: `${path}.actions`,
            message: `Name the actions of the audit log by which somebody uses ${permission}: they are not known.`,
          },
        ]
      : []),
    ...ofActions,
  ];
}

/** An action about something that no entry is about would never be found, and the report would say that nobody did it. */
function actionProblems(action: string, path: string): Problem[] {
  const [object = "", verb = ""] = action.split(".");
  const isAction = /^[a-zA-Z]+$/.test(verb) && action === `${object}.${verb}`;
  if (isAction && actionObjects.has(object)) return [];
  return [{ path, message: `${quote(action)} is not an action of the audit log. Use \`object.verb\`, for example contract.submit.` }];
}
