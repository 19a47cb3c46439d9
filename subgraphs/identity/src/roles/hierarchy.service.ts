import { BadUserInput, quote } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { assertAdministratorLeft, assertMayGiveRoles } from "../rights/rights.service.js";
import { circleThrough, heirsOf, waysUp } from "./hierarchy.js";
import { findAllParents, replaceAncestors, replaceParents } from "./hierarchy.store.js";
import { findRolesByIds } from "./role.store.js";

export { findParentsOf } from "./hierarchy.store.js";

/** A role and everything above it are read with each check of rights: more than anybody can oversee is too many. */
const maxParents = 20;
const maxAncestors = 100;

/**
 * Lets a role inherit from these roles, and from no others. The caller holds `lockRights`, and raises the versions of those whose rights change.
 * Roles that are added must be the viewer's to give: what they grant comes to everybody who has the role.
 * @returns the parents of before
 * @throws BadUserInput (a circle, too many), Forbidden, Conflict (nobody left who can administer)
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
  if (parentIds.length > maxParents) throw problem(`A role inherits from at most ${maxParents} roles directly.`);
  parents.set(roleId, []);
  for (const parentId of parentIds) {
    const circle = circleThrough(parents, roleId, parentId);
    if (circle) throw problem(`A role cannot inherit from itself: ${await wayInWords(tx, circle)}.`);
  }
  await assertMayGiveRoles(tx, ctx.viewer, added);
  parents.set(roleId, [...parentIds]);
  const ancestors = new Map(heirsOf(parents, roleId).map((id) => [id, [...waysUp(parents, id).keys()]]));
  if ([...ancestors.values()].some((above) => above.length > maxAncestors))
    throw problem(`A role inherits from at most ${maxAncestors - 1} roles, those of its parents included.`);
  await replaceParents(tx, { tenantId, roleId, parentIds });
  await replaceAncestors(tx, { tenantId, ancestors });
  if (before.some((id) => !parentIds.includes(id))) await assertAdministratorLeft(tx);
  return before;
}

const problem = (message: string): BadUserInput => new BadUserInput([{ path: "input.parentIds", message }]);

async function wayInWords(tx: Tx, ids: readonly string[]): Promise<string> {
  const byId = await findRolesByIds(tx, [...new Set(ids)]);
  return ids.map((id) => quote(byId.get(id)?.key ?? id)).join(" → ");
}
