import { files as fileTables } from "@weft/drizzle";
import { and, inArray, ne, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { among, named } from "../db/named.js";
import type { ErasedPerson } from "./due-transactions.js";

const { files, isOfOrganization } = fileTables;

/**
 * Whether a file is attached to a request that a legal hold covers, or to its instances and their tasks. Whoever uploaded such a file is held, too, and is not
 * erased. This also protects it if the hold does not find its uploader.
 */
const isHeld = sql`exists (
  select from app.attachments a
   where a.tenant_id = app.tenant() and a.file_id = files.id and a.object_id in (
     select o.id from identity.legal_holds h cross join lateral app.objects_of_request(h.object_id) o (id)
      where h.tenant_id = app.tenant() and h.ended_at is null and h.object_type = 'request'))`;

/**
 * Files that the erasure of a person deletes: exports of lists, which can contain anybody and can be made again, exports of the person's data, and, if the
 * person is erased, those that the person has uploaded. Those that belong to the organization stay, and those that a legal hold covers.
 */
function isErased({ kind, personId }: Pick<ErasedPerson, "kind" | "personId">): SQL {
  const uploaded =
    kind === "ERASE"
      ? sql` union all select u.id from app.files u where u.tenant_id = app.tenant() and u.created_by = ${personId}::uuid`
      : sql``;
  return sql`tenant_id = app.tenant() and status <> 'DELETED' and not (${sql.raw(isOfOrganization)}) and not ${isHeld} and id in (
    select e.file_id from app.exports e where e.tenant_id = app.tenant()
    union all select a.file_id from audit.exports a where a.tenant_id = app.tenant()
    union all select p.file_id from identity.privacy_requests p where p.tenant_id = app.tenant() and p.person_id = ${personId}::uuid${uploaded})`;
}

/** Returns at most `limit` files that the erasure deletes. */
export async function findFilesToErase(tx: Tx, person: Pick<ErasedPerson, "kind" | "personId">, limit: number): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named("findFilesToErase", sql`select id::text as id from app.files where ${isErased(person)} limit ${limit}::int`),
  );
  return rows.map(({ id }) => id);
}

/** Returns those of the files that the erasure still deletes, for files that have been locked since they were found. */
export async function amongFilesToErase(
  tx: Tx,
  person: Pick<ErasedPerson, "kind" | "personId">,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named("amongFilesToErase", sql`select id::text as id from app.files where ${among(sql`id`, ids)} and ${isErased(person)}`),
  );
  return rows.map(({ id }) => id);
}

/** Returns the number of files that the erasure deletes. */
export async function countFilesToErase(tx: Tx, person: Pick<ErasedPerson, "kind" | "personId">): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named("countFilesToErase", sql`select count(*)::int as count from app.files where ${isErased(person)}`),
  );
  return row?.count ?? 0;
}

/** Returns how many of the files are deleted, or no longer exist. */
export async function countDeletedFiles(tx: Tx, ids: readonly string[]): Promise<number> {
  const query = tx
    .select({ id: files.id })
    .from(files)
    .where(and(inArray(files.id, [...ids]), ne(files.status, "DELETED")));
  return ids.length - (await named("findFilesLeft", query)).length;
}
