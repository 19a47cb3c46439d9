import { applications as tables } from "@weft/drizzle";
import { among, atVersion, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, desc, eq, isNotNull, isNull, notInArray, sql } from "drizzle-orm";
import type { ManifestRow } from "./manifest.type.js";

const { operationManifests, storedDocuments } = tables;

/** The environment of an application that manifests belong to. */
export interface Place {
  readonly applicationId: string;
  readonly environment: string;
}

const inPlace = ({ applicationId, environment }: Place) =>
  and(eq(operationManifests.applicationId, applicationId), eq(operationManifests.environment, environment));

export async function findManifest(tx: Tx, id: string): Promise<ManifestRow | null> {
  const [row] = await named("findManifest", tx.select().from(operationManifests).where(eq(operationManifests.id, id)));
  return row ?? null;
}

/** Manifests of applications, newest first: `limit` of each application and environment. */
export function selectManifests(tx: Tx, applicationIds: readonly string[], limit: number): Promise<ManifestRow[]> {
  const ranked = tx
    .select({
      id: operationManifests.id,
      rank: sql<number>`row_number() over (partition by ${operationManifests.applicationId}, ${operationManifests.environment}
        order by ${operationManifests.retiredAt} is not null, ${operationManifests.number} desc)`.as("rank"),
    })
    .from(operationManifests)
    .where(among(operationManifests.applicationId, applicationIds))
    .as("ranked");
  return named(
    "selectManifests",
    tx
      .select({ manifest: operationManifests })
      .from(operationManifests)
      .innerJoin(ranked, eq(ranked.id, operationManifests.id))
      .where(sql`${ranked.rank} <= ${limit}`)
      .orderBy(desc(operationManifests.createdAt), desc(operationManifests.id)),
  ).then((rows) => rows.map(({ manifest }) => manifest));
}

/** Active manifests, newest first. */
export const selectActiveManifests = (tx: Tx, place: Place): Promise<ManifestRow[]> =>
  named(
    "selectActiveManifests",
    tx
      .select()
      .from(operationManifests)
      .where(and(inPlace(place), isNull(operationManifests.retiredAt)))
      .orderBy(desc(operationManifests.number)),
  );

export async function findLastNumber(tx: Tx, place: Place): Promise<number> {
  const [row] = await named(
    "findLastManifestNumber",
    tx
      .select({ last: sql<number>`coalesce(max(${operationManifests.number}), 0)::int` })
      .from(operationManifests)
      .where(inPlace(place)),
  );
  return row?.last ?? 0;
}

/** IDs of documents that an active manifest of the place has with another text. */
export async function findConflicts(
  tx: Tx,
  place: Place,
  documents: readonly { readonly id: string; readonly text: string }[],
): Promise<string[]> {
  const rows = await tx.execute<{ document_id: string }>(
    named(
      "findConflictingDocuments",
      sql`select distinct d.document_id from jsonb_to_recordset(${JSON.stringify(documents)}::text::jsonb) as given(id text, text text)
        join identity.operation_manifests m on m.tenant_id = app.tenant() and m.application_id = ${place.applicationId}::uuid
          and m.environment = ${place.environment} and m.retired_at is null
        join identity.stored_documents d on d.tenant_id = m.tenant_id and d.manifest_id = m.id and d.document_id = given.id
        where d.body <> given.text order by d.document_id`,
    ),
  );
  return rows.map((row) => row.document_id);
}

export async function insertManifest(tx: Tx, values: typeof operationManifests.$inferInsert): Promise<ManifestRow> {
  const [row] = await named("insertManifest", tx.insert(operationManifests).values(values).returning());
  if (!row) throw new Error("The insert of a manifest returned no row.");
  return row;
}

export async function insertDocuments(tx: Tx, documents: readonly (typeof storedDocuments.$inferInsert)[]): Promise<void> {
  await named("insertStoredDocuments", tx.insert(storedDocuments).values([...documents]));
}

/** Null if the manifest has changed since `version`, or is already retired. */
export const retireManifestRow = (tx: Tx, id: string, version: number, retiredBy: string): Promise<ManifestRow | null> =>
  writtenRow(
    named(
      "retireManifest",
      tx
        .update(operationManifests)
        .set({ retiredAt: sql`now()`, retiredBy, ...nextVersion(operationManifests) })
        .where(and(atVersion(operationManifests, id, version), isNull(operationManifests.retiredAt)))
        .returning(),
    ),
  );

export async function deleteDocuments(tx: Tx, manifestId: string): Promise<void> {
  await named("deleteStoredDocuments", tx.delete(storedDocuments).where(eq(storedDocuments.manifestId, manifestId)));
}

/** Deletes the oldest retired manifests of a place except `keep`. The audit trail still has them. */
export async function deleteOldManifests(tx: Tx, place: Place, keep: number): Promise<void> {
  const retired = and(inPlace(place), isNotNull(operationManifests.retiredAt));
  const kept = tx
    .select({ id: operationManifests.id })
    .from(operationManifests)
    .where(retired)
    .orderBy(desc(operationManifests.number))
    .limit(keep);
  await named("deleteOldManifests", tx.delete(operationManifests).where(and(retired, notInArray(operationManifests.id, kept))));
}
