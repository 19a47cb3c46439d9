import type { Context } from "@weft/shared";
import { toUser } from "./user.type.js";
import type { User } from "./user.type.js";
import { findUsersOfVendors, findVisibleUsersByIds } from "./user.store.js";

/** Users of a vendor that are listed with it; all of them are on `users(filter: { vendor })`. */
const maxUsersOfVendor = 100;

/** The user with this UUID, or null when the viewer does not see it. */
export async function loadUser(ctx: Context, uuid: string): Promise<User | null> {
  const row = await ctx.loader("identity.user", (tx, ids: readonly string[]) => findVisibleUsersByIds(tx, ctx.viewer, ids)).load(uuid);
  return row && toUser(row);
}

/** For representations of other subgraphs: in the order of the keys, null where the viewer does not see the user. */
export function loadUsers(ctx: Context, uuids: readonly string[]): Promise<(User | null)[]> {
  return Promise.all(uuids.map((uuid) => loadUser(ctx, uuid)));
}

export async function loadUsersOfVendor(ctx: Context, vendorUuid: string): Promise<User[]> {
  const rows = await ctx
    .loader("identity.usersOfVendor", (tx, ids: readonly string[]) => findUsersOfVendors(tx, ctx.viewer, ids, maxUsersOfVendor))
    .load(vendorUuid);
  return (rows ?? []).map(toUser);
}
