import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { suggestionFor } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import { findRoleKeys, findRolesByIds, findRolesByKeys } from "./role.store.js";
import type { UpdateRoleInput } from "./role.type.js";

/**
 * Returns the distinct roles that an input names by ID or key.
 * @throws BadUserInput with the path of every unknown role
 */
export function findRoleIds(
  tx: Tx,
  { roleIds, roleKeys }: { roleIds?: readonly string[] | null; roleKeys?: readonly string[] | null },
): Promise<string[]> {
  return findNamedRoles(tx, { ids: roleIds ?? [], keys: roleKeys ?? [], prefix: "input.role" });
}

/** Returns where an input names a role that `findRoleIds` has found. */
export const rolePathIn =
  ({ roleIds, roleKeys }: { roleIds?: readonly string[] | null; roleKeys?: readonly string[] | null }) =>
  ({ id, key }: { readonly id: string; readonly key: string }): string => {
    const at = (roleIds ?? []).findIndex((each) => decodeId("role", each, "input.roleIds") === id);
    return at < 0 ? `input.roleKeys.${(roleKeys ?? []).indexOf(key)}` : `input.roleIds.${at}`;
  };

/** Does the same for the parents of a role. Null if the input does not contain any. */
export async function findParentIds(
  tx: Tx,
  { parentIds, parentKeys }: Pick<UpdateRoleInput, "parentIds" | "parentKeys">,
): Promise<string[] | null> {
  if (!parentIds && !parentKeys) return null;
  return findNamedRoles(tx, { ids: parentIds ?? [], keys: parentKeys ?? [], prefix: "input.parent" });
}

async function findNamedRoles(
  tx: Tx,
  { ids: roleIds, keys: roleKeys, prefix }: { ids: readonly string[]; keys: readonly string[]; prefix: string },
): Promise<string[]> {
  const ids = roleIds.map((id, i) => decodeId("role", id, `${prefix}Ids.${i}`));
  const byId = await findRolesByIds(tx, ids);
  const byKey = await findRolesByKeys(tx, roleKeys);
  const problems: Problem[] = [
    ...ids.flatMap((id, i) =>
      byId.has(id) ? [] : [{ path: `${prefix}Ids.${i}`, message: `No role with the ID ${encodeId("role", id)} exists.` }],
    ),
    ...(await unknownKeyProblems(tx, roleKeys, byKey)).map(({ at, message }) => ({ path: `${prefix}Keys.${at}`, message })),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return [...new Set([...ids, ...[...byKey.values()].map((role) => role.id)])];
}

/** Returns which of these keys are not those of roles, each with a sentence. */
export async function roleKeyProblems(tx: Tx, keys: readonly string[]): Promise<{ key: string; message: string }[]> {
  return unknownKeyProblems(tx, keys, await findRolesByKeys(tx, keys));
}

async function unknownKeyProblems(
  tx: Tx,
  keys: readonly string[],
  byKey: ReadonlyMap<string, unknown>,
): Promise<{ at: number; key: string; message: string }[]> {
  const unknown = keys.flatMap((key, at) => (byKey.has(key) ? [] : [{ at, key }]));
  const known = unknown.length === 0 ? [] : await findRoleKeys(tx);
  return unknown.map(({ at, key }) => ({ at, key, message: `The role ${quote(key)} does not exist.${suggestionFor(key, known)}` }));
}

/** Returns which of these UUIDs are not those of roles. */
export async function findUnknownRoles(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const known = await findRolesByIds(tx, ids);
  return new Set(ids.filter((id) => !known.has(id)));
}
