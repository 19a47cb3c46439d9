import { identity } from "@weft/drizzle";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { type FilterValue, wordsOf } from "@weft/api/filters";
import { keysetPage, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { selectUserIdsOfWord } from "./user-search.store.js";
import { UserFilter, UserOrder } from "./user.filter.js";
import type { UsersArgs } from "./user.input.js";
import { countUsers, selectListedUsers, selectUsersSlice, visibleUsers, type UsersToList } from "./user.store.js";
import type { UserRow } from "./user.store.js";
import { userNodes, type User } from "./user.type.js";

export { visibleUsers } from "./user.store.js";
export type { UserRow } from "./user.store.js";

const { users, userSearchTerms: terms } = identity;

/**
 * Returns a page of the users that the viewer can see.
 * @throws BadUserInput for an invalid filter, size or cursor; Forbidden for a filter on fields that the viewer cannot read
 */
export function listUsers(ctx: Context, args: UsersArgs): Promise<Page<User>> {
  const where = and(visibleUsers(ctx.viewer, "user.read"), UserFilter.toSql(args.filter, "filter", ctx.viewer));
  const order = UserOrder.resolve(args.orderBy, ["NAME", "ASC"]);
  const word = order.name === "NAME" ? wordToSearchBy(args.filter) : undefined;
  const valueOf = (row: UserRow) => row.id;
  const reading = userNodes.reading(ctx, { order });
  return keysetPage<UserRow, User>(ctx, {
    args,
    list: "users",
    ...(word === undefined
      ? { orderBy: order, id: { column: users.id, valueOf } }
      : { orderBy: { ...order, column: terms.name }, id: { column: terms.userId, valueOf } }),
    fetch: (slice) =>
      ctx.read((tx) =>
        word === undefined ? selectUsersSlice(tx, { where, slice, reading }) : findUsersByWord(tx, word, { where, slice, reading }),
      ),
    count: () => ctx.read((tx) => countUsers(tx, where)),
    toNode: userNodes.toNode,
  });
}

/** Returns the longest word that all matches must contain, which usually has the fewest matches. */
function wordToSearchBy(filter: FilterValue | null | undefined): string | undefined {
  const { contains } = (filter?.["search"] ?? {}) as { contains?: unknown };
  return typeof contains === "string" ? wordsOf(contains).toSorted((a, b) => b.length - a.length)[0] : undefined;
}

/** Examines the users with the word, in the order of the list, until the slice is full of users who match the entire condition. */
async function findUsersByWord(tx: Tx, word: string, { slice, ...listed }: UsersToList): Promise<UserRow[]> {
  const found: UserRow[] = [];
  for (let offset = 0, limit = slice.limit + 30; found.length < slice.limit; offset += limit, limit *= 4) {
    const ids = await selectUserIdsOfWord(tx, word, { ...slice, limit, offset });
    const rows = new Map((await selectListedUsers(tx, ids, listed)).map((row) => [row.id, row]));
    found.push(...ids.flatMap((id) => rows.get(id) ?? []));
    if (ids.length < limit) break;
  }
  return found.slice(0, slice.limit);
}
