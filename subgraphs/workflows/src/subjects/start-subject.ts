/** The business object that a user starts a workflow about. */
import { requests, vendors } from "@weft/drizzle";
import { BadUserInput, quote } from "@weft/shared/errors";
import { parseAnyId, withArticle } from "@weft/shared/ids";
import { hasPermission, type Viewer } from "@weft/shared/viewer";
import { keepAssetUse, objectAccessRules, type ObjectAccessRules } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { getTableName, isNull, type SQL, sql } from "drizzle-orm";
import { subjectPermissions } from "./subject.type.js";

/** Tables of the objects. A request has its own workflow from the start. */
const tables = {
  asset: requests.assets,
  building: requests.buildings,
  project: vendors.projects,
  vendor: vendors.vendors,
  contract: vendors.contracts,
} as const;

/** An `InstanceSubject`. */
interface StartSubject {
  readonly type: keyof typeof tables;
  readonly id: string;
}

const PATH = "input.subjectId";

const isStartable = (type: string): type is keyof typeof tables => Object.hasOwn(tables, type);

/** Reads the ID of a business object, which can belong to another tenant. @throws BadUserInput */
export function readStartSubject(text: string): StartSubject {
  const parsed = parseAnyId(text);
  if (parsed !== null && isStartable(parsed.type)) return { type: parsed.type, id: parsed.uuid };
  const wanted = "Give the ID of an asset, a building, a project, a vendor or a contract.";
  const got = parsed ? `${quote(text)} is the ID of ${withArticle(parsed.type)}` : `${quote(text)} is not a valid ID`;
  throw new BadUserInput([{ path: PATH, message: `${got}. ${wanted}` }]);
}

/**
 * Locks the object until the transaction ends, so that it is not deleted before the workflow about it is counted.
 * @throws BadUserInput if the viewer cannot read such an object
 */
export async function lockStartSubject(tx: Tx, viewer: Viewer, subject: StartSubject): Promise<void> {
  const { type } = subject;
  const permission = subjectPermissions[type];
  const { inScope }: ObjectAccessRules = objectAccessRules[type];
  if (hasPermission(viewer, permission) && (await lockSubject(tx, subject, inScope(viewer, permission)))) return;
  throw new BadUserInput([{ path: PATH, message: `No ${type} with this ID exists.` }]);
}

/**
 * Locks the object of an event until the transaction ends, whether or not anybody can see it. Returns false if it has been deleted. Milestones and
 * changes of a scope are not locked.
 */
export function keepSubject(tx: Tx, { type, id }: { readonly type: string; readonly id: string }): Promise<boolean> {
  if (!isStartable(type)) return Promise.resolve(true);
  const table = tables[type];
  return lockSubject(tx, { type, id }, "deletedAt" in table ? isNull(table.deletedAt) : sql`true`);
}

/**
 * Deletions lock the object `for update` or `for no key update`, with both of which `for share` conflicts. That of an asset locks its use first, and its
 * row only when everything is counted.
 */
async function lockSubject(tx: Tx, { type, id }: StartSubject, where: SQL): Promise<boolean> {
  if (type === "asset") await keepAssetUse(tx, id);
  const { from, id: column }: ObjectAccessRules = objectAccessRules[type];
  const locked = sql.identifier(getTableName(tables[type]));
  const query = sql`select 1 from ${from} where ${column} = ${id}::uuid and ${where} for share of ${locked}`;
  return (await tx.execute(named("lockSubject", query))).length > 0;
}
