import { identity } from "@weft/drizzle";
import { keysetPage } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { and } from "drizzle-orm";
import { UserFilter, UserOrder } from "./user.filter.js";
import type { UsersArgs } from "./user.input.js";
import { countUsers, selectUsersSlice, visibleUsers } from "./user.store.js";
import type { UserRow } from "./user.store.js";
import { toUser } from "./user.type.js";
import type { User } from "./user.type.js";

export { visibleUsers } from "./user.store.js";
export type { UserRow } from "./user.store.js";

/** A page of the users that the viewer sees. @throws BadUserInput for a filter, a size or a cursor that cannot be meant; Forbidden for a filter on what the viewer must not read */
export function listUsers(ctx: Context, args: UsersArgs): Promise<Page<User>> {
  const where = and(visibleUsers(ctx.viewer, "user.read"), UserFilter.toSql(args.filter, "filter", ctx.viewer));
  return keysetPage(ctx, {
    args,
    list: "users",
    orderBy: UserOrder.resolve(args.orderBy, ["NAME", "ASC"]),
    id: { column: identity.users.id, valueOf: (row: UserRow) => row.id },
    fetch: (slice) => ctx.read((tx) => selectUsersSlice(tx, and(where, slice.where), slice)),
    count: () => ctx.read((tx) => countUsers(tx, where)),
    toNode: toUser,
  });
}
