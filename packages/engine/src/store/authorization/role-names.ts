import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { inArray } from "drizzle-orm";
import { withRoleNames } from "../../core/authorization/offered.js";
import type { Reason } from "../../core/model/rejection.js";

type Worded = <R extends Reason>(reason: R) => R;

/**
 * Returns a function that replaces the keys of roles in a reason by their names. One statement; none if no reason mentions a role. A role that no
 * longer exists keeps its key.
 */
export async function roleNamesIn(tx: Tx, reasons: readonly Reason[]): Promise<Worded> {
  const keys = [...new Set(reasons.flatMap(({ roles = [] }) => roles))];
  if (keys.length === 0) return (reason) => reason;
  const { roles } = identity;
  const rows = await named("selectRoleNames", tx.select({ key: roles.key, name: roles.name }).from(roles).where(inArray(roles.key, keys)));
  const names = new Map(rows.map(({ key, name }) => [key, name]));
  return (reason) => withRoleNames(reason, (key) => names.get(key) ?? key);
}
