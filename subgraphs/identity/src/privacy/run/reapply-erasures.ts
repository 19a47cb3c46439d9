import { setTimeout as delay } from "node:timers/promises";
import { privacy } from "@weft/drizzle";
import { ServiceUnavailable } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type ErasureEntry, ErasureWaits } from "@weft/platform/erasure";
import { metaOfWork } from "@weft/platform/events";
import { and, eq, inArray, ne, sql } from "drizzle-orm";
import { personTables, type PersonType } from "../person.js";
import { findRemovedContacts } from "../removed-contact.store.js";
import { claimErasure, type PrivacyRequestRow } from "../requests/privacy-request.store.js";
import { executeErasure } from "./due-erasures.js";
import type { PrivacyParts } from "./privacy-work.js";

const { privacyRequests } = privacy;

/** People who are looked up in the list at the same time. */
const BATCH = 32;

/** What a run did. */
export interface Reapplied {
  readonly examined: number;
  /** People who were erased again. */
  readonly erased: number;
  /** People whose erasure a legal hold stops, or failed, or whose entry cannot be used. */
  readonly left: number;
  /** People who are erased in the database, and missing in the list. If there are any, it is probably not the list of this installation. */
  readonly missing: number;
}

/**
 * Returns why a list must not be used: it is that of another installation, or was lost. With such a list, nobody would be erased again. Null if it can be.
 * @param canBeEmpty whether the operator knows that nobody has ever been erased
 * @throws ServiceUnavailable
 */
export async function problemOfList(
  erasures: Pick<PrivacyParts["erasures"], "isMarked">,
  { canBeEmpty }: { readonly canBeEmpty: boolean },
): Promise<string | null> {
  try {
    if ((await erasures.isMarked()) || canBeEmpty) return null;
    return "The list is empty: no erasure has ever written to it. Check the settings. If nobody has ever been erased, use --allow-empty.";
  } catch (error) {
    if (error instanceof ServiceUnavailable) throw error;
    return "It is not the list of this installation: its marker was signed with another key. Check the settings and WEFT_KEYS_FILE.";
  }
}

/**
 * Erases again whoever the list of erased people contains, in a tenant of a database that was restored from a backup. Everybody in the tenant is looked up,
 * so that the list needs no index. It can be repeated, and does nothing to people who are erased.
 */
export async function reapplyErasures(parts: PrivacyParts, tenantId: string): Promise<Reapplied> {
  let [examined, erased, left] = [0, 0, 0];
  for await (const ids of everybodyIn(parts, tenantId)) {
    examined += ids.length;
    const entries = await Promise.all(ids.map((id) => findEntry(parts, tenantId, id)));
    for (const entry of entries) {
      const outcome = entry === "unreadable" ? "left" : entry === null ? "none" : await reapply(parts, entry);
      if (outcome === "erased") erased++;
      else if (outcome === "left") left++;
    }
  }
  return { examined, erased, left, missing: await countMissing(parts, tenantId) };
}

/** Everybody whose erasure was completed before the backup is in the right list. */
async function countMissing(parts: PrivacyParts, tenantId: string): Promise<number> {
  const ids = await asTenant(parts.databases.app, { tenantId }, "read", findErasedPeople);
  let missing = 0;
  for (let start = 0; start < ids.length; start += BATCH) {
    const entries = await Promise.all(ids.slice(start, start + BATCH).map((id) => findEntry(parts, tenantId, id)));
    missing += entries.filter((entry) => entry === null).length;
  }
  return missing;
}

/** Returns the IDs of all people of a tenant, a few at a time. Contacts of vendors that were removed are in the audit trail. */
async function* everybodyIn(parts: PrivacyParts, tenantId: string): AsyncGenerator<string[]> {
  for (const type of Object.keys(personTables) as PersonType[]) yield* peopleOf(parts, tenantId, type);
  const removed = await asTenant(parts.databases.app, { tenantId }, "read", findRemovedContacts);
  for (let start = 0; start < removed.length; start += BATCH) yield removed.slice(start, start + BATCH);
}

/** Returns the IDs of all people of a type, a few at a time. */
async function* peopleOf({ databases }: PrivacyParts, tenantId: string, type: PersonType): AsyncGenerator<string[]> {
  const read = (after: string | null): Promise<string[]> =>
    asTenant(databases.app, { tenantId }, "read", (tx) => findPeople(tx, type, after));
  for (let ids = await read(null); ids.length > 0; ids = await read(ids.at(-1) ?? null)) yield ids;
}

/** An entry that this installation has not signed is reported, and must not stop the others. */
async function findEntry(parts: PrivacyParts, tenantId: string, personId: string): Promise<ErasureEntry | null | "unreadable"> {
  try {
    return await parts.erasures.find(tenantId, personId);
  } catch (error) {
    parts.log.error({ err: error, tenantId, personId }, "an entry of the list of erased people cannot be used");
    return "unreadable";
  }
}

async function reapply(parts: PrivacyParts, entry: ErasureEntry): Promise<"none" | "erased" | "left"> {
  const { tenantId, requestId } = entry;
  try {
    for (let hasBegun = false; ; hasBegun = true) {
      const row = await asTenant(parts.databases.app, { tenantId }, "write", async (tx) => {
        const known = await findRequest(tx, requestId);
        if (known?.status === "COMPLETED") return null;
        if (known?.status !== "APPROVED") await approveAgain(tx, parts, { entry, known });
        return claimErasure(tx, requestId);
      });
      // A worker can have completed it meanwhile.
      if (row === null) return hasBegun ? "erased" : "none";
      const waitSeconds = await secondsUntilDone(parts, row);
      if (waitSeconds === null) return "erased";
      await delay(waitSeconds * 1_000);
    }
  } catch (error) {
    parts.log.error({ err: error, tenantId, privacyRequest: requestId }, "an erased person could not be erased again");
    return "left";
  }
}

/** Executes an erasure until it is completed, or waits. Returns for how long. */
async function secondsUntilDone(parts: PrivacyParts, row: PrivacyRequestRow): Promise<number | null> {
  try {
    await executeErasure(parts, row);
    return null;
  } catch (error) {
    if (error instanceof ErasureWaits) return error.seconds;
    throw error;
  }
}

async function findErasedPeople(tx: Tx): Promise<string[]> {
  const isErasure = and(ne(privacyRequests.kind, "EXPORT"), eq(privacyRequests.status, "COMPLETED"));
  const query = tx.selectDistinct({ id: privacyRequests.personId }).from(privacyRequests).where(isErasure);
  return (await named("findErasedPeople", query)).map(({ id }) => id);
}

async function findRequest(tx: Tx, id: string): Promise<PrivacyRequestRow | null> {
  const [row] = await named("findReappliedRequest", tx.select().from(privacyRequests).where(eq(privacyRequests.id, id)));
  return row ?? null;
}

interface Again {
  readonly entry: ErasureEntry;
  readonly known: PrivacyRequestRow | null;
}

/** Writes the approval that the backup does not have. A request that is open in it is approved as it was, and any other one is withdrawn. */
async function approveAgain(tx: Tx, { keyring }: PrivacyParts, { entry, known }: Again): Promise<void> {
  const { tenantId, requestId: id, kind, personType, personId, requestedBy, decidedBy, decidedAt } = entry;
  const soughtValues = await withdrawOthers(tx, entry);
  const approval = { status: "APPROVED", decidedBy, decidedAt, dueAt: sql`now()`, finishedAt: null, soughtValues };
  const made = {
    tenantId,
    id,
    kind,
    personType,
    personId,
    requestedBy,
    sessionId: newId(),
    reason: "Erased before the restore of a backup.",
  };
  const statement =
    known === null
      ? tx.insert(privacyRequests).values({ ...made, ...approval })
      : tx.update(privacyRequests).set(approval).where(eq(privacyRequests.id, id));
  const after = await writtenRow(named("approveErasureAgain", statement.returning()));
  if (after === null) throw new Error(`The privacy request ${id} could not be approved again.`);
  const meta = metaOfWork("privacy reapply", tenantId, keyring);
  await writeAudit(tx, meta, [{ action: "privacyRequest.reapply", entityType: "privacyRequest", entityId: id, before: known, after }]);
}

/**
 * Of the requests that destroy data of a person, one can be open. The backup can contain one that was decided on after it was made, or one that had begun.
 * Returns the values that the latter has searched for, encrypted: the person's own row may have lost them.
 */
async function withdrawOthers(tx: Tx, { requestId, personId }: ErasureEntry): Promise<string | null> {
  const isOpen = and(ne(privacyRequests.kind, "EXPORT"), inArray(privacyRequests.status, ["REQUESTED", "APPROVED"]));
  const isOther = and(eq(privacyRequests.personId, personId), ne(privacyRequests.id, requestId), isOpen);
  const sought = tx.select({ soughtValues: privacyRequests.soughtValues }).from(privacyRequests).where(isOther).for("update");
  const [other] = await named("findOtherErasures", sought);
  const ended = {
    status: "WITHDRAWN",
    dueAt: null,
    soughtValues: null,
    progress: null,
    finishedAt: sql`now()`,
    ...nextVersion(privacyRequests),
  };
  await named("withdrawOtherErasures", tx.update(privacyRequests).set(ended).where(isOther));
  return other?.soughtValues ?? null;
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
