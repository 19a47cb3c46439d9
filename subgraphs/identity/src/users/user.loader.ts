import type { Context } from "@weft/api/context";
import { toUser, userNodes, type User } from "./user.type.js";
import { findUsersOfVendors, findVisibleUsersByIds } from "./user.store.js";

/** Maximum number of users listed with a vendor. For all users, use `users(filter: { vendor })`. */
const maxUsersOfVendor = 100;

/** Loads the user with this UUID, or null if the viewer cannot see it. */
export function loadUser(ctx: Context, uuid: string): Promise<User | null> {
  const loader = ctx.loader<string, User>("identity.user", async (tx, ids) => {
    const rows = await findVisibleUsersByIds(tx, ctx.viewer, { ids, reading: userNodes.reading(ctx) });
    return new Map(rows.map((row) => [row.id, toUser(row)]));
  });
  return loader.load(uuid);
}

/** Loads users for references from other subgraphs, in the order of the keys. Null if the viewer cannot see the user. */
export function loadUsers(ctx: Context, uuids: readonly string[]): Promise<(User | null)[]> {
  return Promise.all(uuids.map((uuid) => loadUser(ctx, uuid)));
}

export async function loadUsersOfVendor(ctx: Context, vendorUuid: string): Promise<User[]> {
  const rows = await ctx
    .loader("identity.usersOfVendor", (tx, ids: readonly string[]) => findUsersOfVendors(tx, ctx.viewer, ids, maxUsersOfVendor))
    .load(vendorUuid);
  return (rows ?? []).map(toUser);
}
