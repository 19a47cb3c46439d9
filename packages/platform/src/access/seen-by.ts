import { sql, type SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import {
  isOfVendor,
  objectAccessRules,
  readPermissionOf,
  requestAccess,
  type AccessibleType,
  type ObjectAccessRules,
} from "./visible-objects.js";
import { worksOn } from "./works-on.js";

/** An object, and what of it. */
export interface SeenObject {
  readonly type: AccessibleType;
  /** UUID */
  readonly id: string;
  /** Whether it is about an internal comment of the request, which only users who work on the request see. */
  readonly isInternal?: boolean;
}

/** Users whose rights one statement decides on. */
const CHUNK = 50;

/**
 * Returns those of the users who can read an object now, by the rules that decide on their own calls. The transaction must not be limited to a vendor.
 * Takes one statement for all users with access to everything, and one for each 50 others.
 */
export async function seenBy(tx: Tx, viewers: readonly Viewer[], object: SeenObject): Promise<ReadonlySet<string>> {
  const permission = readPermissionOf(object.type);
  const seesAll = (viewer: Viewer): boolean => !isOfVendor(viewer) && reachesAll(viewer, permission);
  // Tasks that are offered to nobody are hidden even from users who can read all tasks.
  const alike = object.type === "task" ? [] : viewers.filter(seesAll);
  const others = viewers.filter((viewer) => !alike.includes(viewer));
  const [first] = alike;
  const decided = first === undefined ? others : [first, ...others];
  const seen = new Set<string>();
  for (let at = 0; at < decided.length; at += CHUNK)
    for (const userId of await selectSeen(tx, decided.slice(at, at + CHUNK), object)) seen.add(userId);
  if (first !== undefined && seen.has(first.userId)) for (const { userId } of alike) seen.add(userId);
  return seen;
}

/** Returns a text that is different for each object. */
export const seenKey = ({ type, id, isInternal = false }: SeenObject): string => `${type} ${id}${isInternal ? " internal" : ""}`;

/**
 * Returns the keys (`seenKey`) of the objects that a user can read now, by the same rules as `seenBy`. One statement, whose length depends on the number of
 * types and not on the number of objects.
 */
export async function objectsSeenBy(tx: Tx, viewer: Viewer, objects: readonly SeenObject[]): Promise<ReadonlySet<string>> {
  if (objects.length === 0) return new Set();
  const groups = new Map<string, { readonly type: AccessibleType; readonly isInternal: boolean; readonly ids: string[] }>();
  for (const { type, id, isInternal = false } of objects) {
    const key = `${type} ${isInternal}`;
    const group = groups.get(key) ?? { type, isInternal, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  const selects = [...groups.values()].map(({ type, isInternal, ids }) => {
    const rules: ObjectAccessRules = objectAccessRules[type];
    return sql`select ${type}::text as type, ${isInternal}::boolean as "isInternal", o.id::text as id from unnest(${sql.param([...new Set(ids)])}::uuid[]) as o (id)
      where exists (select from ${rules.from} where ${rules.id} = o.id and ${isReadable(viewer, { type, isInternal })})`;
  });
  const rows = await tx.execute<{ type: AccessibleType; isInternal: boolean; id: string }>(
    named("objectsSeenBy", sql.join(selects, sql` union all `)),
  );
  return new Set(rows.map(seenKey));
}

/** Returns the condition that a user can read an object of a type, and what of it. */
function isReadable(viewer: Viewer, { type, isInternal }: { readonly type: AccessibleType; readonly isInternal: boolean }): SQL {
  const rules: ObjectAccessRules = objectAccessRules[type];
  const permission = readPermissionOf(type);
  const ofVendor = isOfVendor(viewer) ? sql` and ${rules.forVendor(viewer, permission)}` : sql``;
  const works = isInternal && type === "request" ? sql` and ${worksOn(viewer, permission, requestAccess)}` : sql``;
  return sql`${rules.inScope(viewer, permission)}${ofVendor}${works}`;
}

async function selectSeen(tx: Tx, viewers: readonly Viewer[], { type, id, isInternal = false }: SeenObject): Promise<string[]> {
  const rules: ObjectAccessRules = objectAccessRules[type];
  const sees = (viewer: Viewer): SQL =>
    sql`select ${viewer.userId}::text as id where exists (
      select from ${rules.from} where ${rules.id} = ${id}::uuid and ${isReadable(viewer, { type, isInternal })})`;
  const statement = sql.join(viewers.map(sees), sql` union all `);
  return (await tx.execute<{ id: string }>(named("selectSeen", statement))).map((row) => row.id);
}
