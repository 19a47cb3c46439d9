import { changeInstanceData, fieldsOfChanged, type JsonObject } from "@weft/engine";
import { Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId } from "@weft/shared/ids";
import type { Permission, Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { inUnits } from "../money/money-problems.js";
import { toMoney } from "../money/money.type.js";
import { assertCurrencyOfCosts } from "../project-costs/cost-currency.service.js";
import { assertStaff } from "../staff/staff.service.js";
import { assertDays, assertProject } from "./project-problems.js";
import { getWritten } from "./project.service.js";
import { type LockedProject, lockProject, updateProjectRow } from "./project.store.js";
import type { ProjectChanges, ProjectRow } from "./project.store.js";
import { projectColumns, type UpdateProjectInput } from "./project.type.js";

/**
 * Changes a project. Its workflow decides with the name and the budget in its own data, so both change there, too, in the same transaction.
 * @throws NotFound, BadUserInput, Conflict, TransitionRejected
 */
export async function updateProject(ctx: Context, input: UpdateProjectInput): Promise<ProjectRow> {
  const id = decodeId("project", input.id, "input.id");
  const { changed, changes } = changesOf(input);
  return ctx.inTenant(async (tx) => {
    const before = await getLocked(tx, ctx.viewer, { id, permission: "project.update", expectedVersion: input.expectedVersion });
    assertDays({ ...before, ...changes });
    if (changes.managerId && changes.managerId !== before.managerId) await assertStaff(tx, changes.managerId, "input.managerId");
    if (changes.currency && changes.currency !== before.currency) await assertCurrencyOfCosts(tx, id, changes.currency);
    const fields = await fieldsOfChanged(tx, ctx, "PROJECT", { id, before: before.fields as JsonObject, given: input.fields });
    const after = await updateProjectRow(tx, id, { ...changes, ...fields });
    const patch = patchOf(before, after);
    if (Object.keys(patch).length > 0) await changeInstanceData(tx, ctx.meta, { id: before.instanceId, patch });
    const payload = { changed: [...changed, ...("fields" in fields && !changed.includes("fields") ? ["fields"] : [])] };
    const event = { type: "project.updated", related: { instance: after.instanceId }, payload } as const;
    await recordChange(tx, ctx.meta, { event, before, after });
    return getWritten(tx, id);
  });
}

export type { LockedProject } from "./project.store.js";

interface Locking {
  readonly id: string;
  readonly permission: Permission;
  readonly expectedVersion: number | null | undefined;
}

/**
 * Returns a project and locks it until the transaction ends.
 * @throws NotFound (also if the permission does not reach it), Conflict (another version)
 */
export async function getLocked(tx: Tx, viewer: Viewer, { id, permission, expectedVersion }: Locking): Promise<LockedProject> {
  const project = await lockProject(tx, viewer, id, permission);
  if (!project) throw new NotFound("Project", encodeId("project", id));
  assertVersion(project, expectedVersion);
  return project;
}

/** Increments the version of a project that the caller has locked, because its parts change. */
export const incrementProject = (tx: Tx, id: string): Promise<LockedProject> => updateProjectRow(tx, id, {});

/** @throws Conflict if the project has another version */
export function assertVersion({ version }: Pick<LockedProject, "version">, expected: number | null | undefined): void {
  if (typeof expected !== "number" || expected === version) return;
  throw new Conflict(`The project has version ${version}, not ${expected}.`, { currentVersion: version });
}

/** What changes in the data of the workflow. */
function patchOf(before: LockedProject, after: LockedProject): JsonObject {
  const [was, is] = [before, after].map(({ budgetAmount, currency }) => {
    const budget = toMoney(budgetAmount, currency);
    return budget && inUnits(budget);
  });
  return { ...(after.name !== before.name && { name: after.name }), ...(is !== was && { budget: is ?? null }) };
}

/** Returns the names of what is given, and the columns without those of custom fields. */
function changesOf(input: UpdateProjectInput): { readonly changed: readonly string[]; readonly changes: ProjectChanges } {
  assertProject(input);
  const { fields: _fields, ...changed } = projectColumns.changes(input);
  const { managerId, budget, ...others } = changed;
  const changes = {
    ...others,
    ...(managerId !== undefined && { managerId: decodeIdOrNull("user", managerId, "input.managerId") ?? null }),
    ...(budget !== undefined && { budgetAmount: budget?.amount ?? null, currency: budget?.currency ?? null }),
  };
  return { changed: Object.keys(changed), changes };
}
