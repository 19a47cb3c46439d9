import { createHash } from "node:crypto";
import { applications as tables } from "@weft/drizzle";
import { BadUserInput, Conflict, LimitExceeded, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { type ManifestDocument, readManifest } from "@weft/shared/stored-operations";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { Environment, type VersionedIdInput } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import { and, eq } from "drizzle-orm";
import { lockApplication } from "../application.store.js";
import { operationIn } from "./operation-in.js";
import type { StoredDocumentsArgs } from "./manifest.input.js";
import { StoredDocumentFilter, StoredDocumentOrder } from "./manifest.list.js";
import * as store from "./manifest.store.js";
import {
  type ManifestRow,
  type OperationManifest,
  type PushOperationsInput,
  type StoredDocument,
  toDocument,
  toManifest,
} from "./manifest.type.js";

/** Versions of an environment that can be active at the same time. */
const MAX_ACTIVE = 50;
/** Retired versions of an environment that stay in the list. */
const RETIRED_KEPT = 100;
/** Versions of an environment that the list of an application contains. */
const LISTED = MAX_ACTIVE + 20;
const MAX_LABEL = 100;

/** Returns the manifests of an application, newest first. @param environment of the manifests. Default: all */
export async function manifestsOf(ctx: Context, applicationId: string, environment?: Environment | null): Promise<OperationManifest[]> {
  const loader = ctx.loader<string, readonly ManifestRow[]>("manifestsOfApplication", async (tx, ids) =>
    Map.groupBy(await store.selectManifests(tx, ids, LISTED), (row) => row.applicationId),
  );
  const rows = (await loader.load(applicationId)) ?? [];
  return rows.filter((row) => row.environment === (environment ?? row.environment)).map(toManifest);
}

/** Returns a page of the documents of a manifest, by name. A retired manifest has none. @throws NotFound, BadUserInput */
export async function listDocuments(ctx: Context, args: StoredDocumentsArgs): Promise<Page<StoredDocument>> {
  const id = decodeId("operationManifest", args.manifestId, "manifestId");
  await ctx.read((tx) => getManifest(tx, id));
  return tablePage(ctx, {
    list: "storedDocuments",
    args,
    table: tables.storedDocuments,
    where: and(eq(tables.storedDocuments.manifestId, id), StoredDocumentFilter.toSql(args.filter)),
    orderBy: StoredDocumentOrder.resolve(args.orderBy, ["ID", "ASC"]),
    toNode: toDocument,
  });
}

/**
 * Stores the operations of a new version of an application, all or none. The gateway has validated them against the schema. If an active version has the
 * same operations, it is returned. @throws BadUserInput, NotFound, Conflict, LimitExceeded
 */
export async function pushOperations(ctx: Context, input: PushOperationsInput): Promise<OperationManifest> {
  const applicationId = decodeId("application", input.applicationId, "input.applicationId");
  const { documents, problems } = readManifest(input.manifest);
  const all = [...problems, ...problemsOf(input)];
  if (all.length > 0) throw new BadUserInput(all);
  const place = { applicationId, environment: input.environment ?? Environment.PROD };
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "pushOperations", input }, async () => {
      if ((await lockApplication(tx, applicationId)) === null) throw new NotFound("Application", input.applicationId);
      const row = await storeVersion(ctx, tx, { place, documents, label: input.label?.trim() ?? null });
      if (typeof input.keep === "number") await retireOthers(ctx, tx, { place, row, keep: input.keep });
      return row;
    });
    return toManifest(await getManifest(tx, id));
  });
}

/** Retires a version. Requests that name its operations are refused unless another active version has them. @throws NotFound, Conflict */
export async function retireOperations(ctx: Context, input: VersionedIdInput): Promise<OperationManifest> {
  const id = decodeId("operationManifest", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getManifest(tx, id);
    // One after the other with uploads, which compare their documents with those of active versions.
    await lockApplication(tx, before.applicationId);
    return toManifest(await retire(ctx, tx, before, input.expectedVersion ?? before.version));
  });
}

function problemsOf({ label, keep }: PushOperationsInput): Problem[] {
  const problems = textProblems("input.label", label, { max: MAX_LABEL });
  if (typeof keep === "number" && (keep < 1 || keep > MAX_ACTIVE))
    problems.push({ path: "input.keep", message: `${keep} is not from 1 to ${MAX_ACTIVE}.` });
  return problems;
}

interface Upload {
  readonly place: store.Place;
  readonly documents: readonly ManifestDocument[];
  readonly label: string | null;
}

async function storeVersion(ctx: Context, tx: Tx, { place, documents, label }: Upload): Promise<ManifestRow> {
  const active = await store.selectActiveManifests(tx, place);
  const digest = digestOf(documents);
  const same = active.find((row) => row.digest === digest);
  if (same) return same;
  await assertSameTexts(tx, place, documents);
  if (active.length >= MAX_ACTIVE) throw new LimitExceeded({ limit: "activeOperationManifests", used: active.length, allowed: MAX_ACTIVE });
  const { tenantId, userId } = ctx.viewer;
  const row = await store.insertManifest(tx, {
    ...place,
    tenantId,
    id: newId(),
    number: (await store.findLastNumber(tx, place)) + 1,
    label,
    digest,
    documentCount: documents.length,
    createdBy: userId,
  });
  await store.insertDocuments(
    tx,
    documents.map(({ id, text }) => ({ tenantId, id: newId(), manifestId: row.id, documentId: id, body: text, ...operationIn(text) })),
  );
  await record(ctx, tx, { before: null, after: row });
  return row;
}

/**
 * An ID must mean the same text in all active versions: which version a request comes from is not known.
 * @throws BadUserInput
 */
async function assertSameTexts(tx: Tx, place: store.Place, documents: readonly ManifestDocument[]): Promise<void> {
  const conflicts = await store.findConflicts(tx, place, documents);
  if (conflicts.length === 0) return;
  throw new BadUserInput(
    conflicts.map((id) => ({
      path: "input.manifest",
      message: `Document ${quote(id)}: an active version has another text with this ID. Use hashes as IDs, or retire that version first.`,
    })),
  );
}

async function retireOthers(
  ctx: Context,
  tx: Tx,
  { place, row, keep }: { readonly place: store.Place; readonly row: ManifestRow; readonly keep: number },
): Promise<void> {
  const others = (await store.selectActiveManifests(tx, place)).filter(({ id }) => id !== row.id);
  for (const old of others.slice(keep - 1)) await retire(ctx, tx, old, old.version);
}

/** @throws Conflict */
async function retire(ctx: Context, tx: Tx, before: ManifestRow, version: number): Promise<ManifestRow> {
  if (before.retiredAt !== null) throw new Conflict("The version is already retired.", { currentVersion: before.version });
  const after = await store.retireManifestRow(tx, before.id, version, ctx.viewer.userId);
  if (after === null) throw changedMeanwhile("operationManifest", before.version);
  await store.deleteDocuments(tx, before.id);
  await store.deleteOldManifests(tx, before, RETIRED_KEPT);
  await record(ctx, tx, { before, after });
  return after;
}

async function record(
  ctx: Context,
  tx: Tx,
  { before, after }: { readonly before: ManifestRow | null; readonly after: ManifestRow },
): Promise<void> {
  const verb = before === null ? "create" : "retire";
  await writeAudit(tx, ctx.meta, [
    { action: `operationManifest.${verb}`, entityType: "operationManifest", entityId: after.id, before, after },
  ]);
  await appendEvents(tx, ctx.meta, [
    {
      type: before === null ? "operationManifest.created" : "operationManifest.retired",
      subjectId: after.id,
      subjectVersion: after.version,
      related: { application: after.applicationId },
      payload: { environment: after.environment as Environment, number: after.number },
    },
  ]);
}

const digestOf = (documents: readonly ManifestDocument[]): string => {
  const hash = createHash("sha256");
  for (const { id, text } of documents.toSorted((a, b) => (a.id < b.id ? -1 : 1))) hash.update(JSON.stringify([id, text]));
  return hash.digest("hex");
};

/** @throws NotFound */
async function getManifest(tx: Tx, id: string): Promise<ManifestRow> {
  const row = await store.findManifest(tx, id);
  if (row === null) throw new NotFound("OperationManifest", encodeId("operationManifest", id));
  return row;
}
