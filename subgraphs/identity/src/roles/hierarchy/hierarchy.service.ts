import { BadUserInput, quote } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { assertHoldersFit } from "../../rights/fitting-roles.js";
import { assertAdministratorLeft, assertMayGiveRoles } from "../../rights/rights.service.js";
import { cycleThrough, descendantsOf, ancestorPaths } from "./hierarchy.js";
import { findAllParents, replaceAncestors, replaceParents } from "./hierarchy.store.js";
import { findRolesByIds } from "../role.store.js";

export { findParentsOf } from "./hierarchy.store.js";

/** A role and all its ancestors are read whenever rights are checked, and large hierarchies cannot be reviewed, so their number is limited. */
const maxParents = 20;
const maxAncestors = 100;

/**
 * Sets the roles that a role inherits from. The caller holds `lockRights` and raises the rights versions of the affected users. The viewer must be
 * able to assign added parents, because everybody who has the role receives their grants.
 * @returns the previous parents
 * @throws BadUserInput (a cycle, too many, roles for other users than those who have the role), Forbidden, Conflict (no administrator left)
 */
export async function setParents(
  ctx: Context,
  tx: Tx,
  { roleId, parentIds }: { roleId: string; parentIds: readonly string[] },
): Promise<readonly string[]> {
  const { tenantId } = ctx.viewer;
  const parents = new Map(await findAllParents(tx));
  const before = parents.get(roleId) ?? [];
  const added = parentIds.filter((id) => !before.includes(id));
  if (added.length === 0 && parentIds.length === before.length) return before;
  if (parentIds.length > maxParents) throw problem(`A role can inherit from at most ${maxParents} roles directly.`);
  parents.set(roleId, []);
  for (const parentId of parentIds) {
    const cycle = cycleThrough(parents, roleId, parentId);
    if (cycle) throw problem(`A role cannot inherit from itself: ${await pathText(tx, cycle)}.`);
  }
  await assertMayGiveRoles(tx, ctx.viewer, added);
  parents.set(roleId, [...parentIds]);
  const ancestors = new Map(descendantsOf(parents, roleId).map((id) => [id, [...ancestorPaths(parents, id).keys()]]));
  if ([...ancestors.values()].some((above) => above.length > maxAncestors))
    throw problem(`A role can inherit from at most ${maxAncestors - 1} roles, including inherited ones.`);
  await replaceParents(tx, { tenantId, roleId, parentIds });
  await replaceAncestors(tx, { tenantId, ancestors });
  await assertHoldersFit(tx, { roleId, added });
  if (before.some((id) => !parentIds.includes(id))) await assertAdministratorLeft(tx);
  return before;
}

const problem = (message: string): BadUserInput => new BadUserInput([{ path: "input.parentIds", message }]);

async function pathText(tx: Tx, ids: readonly string[]): Promise<string> {
  const byId = await findRolesByIds(tx, [...new Set(ids)]);
  return ids.map((id) => quote(byId.get(id)?.key ?? id)).join(" → ");
}
