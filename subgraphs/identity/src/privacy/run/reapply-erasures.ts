import { privacy } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { asTenant, named, type Tx } from "@weft/platform/db";
import type { ErasureEntry } from "@weft/platform/erasure";
import { eq, sql } from "drizzle-orm";
import { personTables, type PersonType } from "../person.js";
import type { PrivacyRequestRow } from "../requests/privacy-request.store.js";
import { executeErasure, type PrivacyParts } from "./due-privacy-requests.js";

const { privacyRequests } = privacy;

/** People who are looked up in the list at the same time. */
const BATCH = 32;

/** What a run did. */
export interface Reapplied {
  readonly examined: number;
  /** People who were erased again. */
  readonly erased: number;
  /** People whose erasure a legal hold stops, or failed. */
  readonly left: number;
}

/**
 * Erases again whoever the list of erased people contains, in a tenant of a database that was restored from a backup. Everybody in the tenant is looked up,
 * so that the list needs no index. It can be repeated, and does nothing to people who are erased.
 */
export async function reapplyErasures(parts: PrivacyParts, tenantId: string): Promise<Reapplied> {
  let [examined, erased, left] = [0, 0, 0];
  for (const type of Object.keys(personTables) as PersonType[]) {
    for await (const ids of peopleOf(parts, tenantId, type)) {
      examined += ids.length;
      const entries = await Promise.all(ids.map((id) => parts.erasures.find(tenantId, id)));
      for (const entry of entries) {
        const outcome = entry === null ? "none" : await reapply(parts, entry);
        if (outcome === "erased") erased++;
        else if (outcome === "left") left++;
      }
    }
  }
  return { examined, erased, left };
}

/** Returns the IDs of all people of a type, a few at a time. */
async function* peopleOf({ databases }: PrivacyParts, tenantId: string, type: PersonType): AsyncGenerator<string[]> {
  const read = (after: string | null): Promise<string[]> =>
    asTenant(databases.app, { tenantId }, "read", (tx) => findPeople(tx, type, after));
  for (let ids = await read(null); ids.length > 0; ids = await read(ids.at(-1) ?? null)) yield ids;
}

async function reapply(parts: PrivacyParts, entry: ErasureEntry): Promise<"none" | "erased" | "left"> {
  const { tenantId } = entry;
  const row = await asTenant(parts.databases.app, { tenantId }, "write", async (tx) => {
    const known = await findRequest(tx, entry.requestId);
    if (known?.status === "COMPLETED") return null;
    return known?.status === "APPROVED" ? known : approveAgain(tx, entry, known);
  });
  if (row === null) return "none";
  try {
    await executeErasure(parts, row);
    return "erased";
  } catch (error) {
    parts.log.error({ err: error, tenantId, privacyRequest: row.id }, "an erased person could not be erased again");
    return "left";
  }
}

async function findRequest(tx: Tx, id: string): Promise<PrivacyRequestRow | null> {
  const [row] = await named("findReappliedRequest", tx.select().from(privacyRequests).where(eq(privacyRequests.id, id)));
  return row ?? null;
}

/** Writes the approval that the backup does not have. A request that is open in it is approved as it was. */
async function approveAgain(tx: Tx, entry: ErasureEntry, known: PrivacyRequestRow | null): Promise<PrivacyRequestRow | null> {
  const { tenantId, kind, personType, personId, requestedBy, decidedBy, decidedAt } = entry;
  const approval = { status: "APPROVED", decidedBy, decidedAt, dueAt: sql`now()` };
  const statement =
    known === null
      ? tx.insert(privacyRequests).values({
          tenantId,
          id: entry.requestId,
          kind,
          personType,
          personId,
          requestedBy,
          sessionId: newId(),
          reason: "Erased before the restore of a backup.",
          ...approval,
        })
      : tx.update(privacyRequests).set(approval).where(eq(privacyRequests.id, known.id));
  const [row] = await named("approveErasureAgain", statement.returning());
  return row ?? null;
}

async function findPeople(tx: Tx, type: PersonType, after: string | null): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "findPeople",
      sql`select id::text as id from ${sql.raw(personTables[type])}
          where tenant_id = app.tenant() and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${BATCH}::int`,
    ),
  );
  return rows.map(({ id }) => id);
}
