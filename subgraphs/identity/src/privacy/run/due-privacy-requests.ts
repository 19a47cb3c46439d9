import type { ErasureReceipt } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { type ErasedPerson, type ErasureKind, type ErasureList, ErasureNotDue, erasePerson, signErasure } from "@weft/platform/erasure";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import { deleteFile, fileKey, type FileStorage } from "@weft/platform/files";
import { erased, isSealed } from "@weft/platform/privacy";
import type { Services } from "@weft/platform/services";
import { meterUsage } from "@weft/platform/usage";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { personTables, type PersonType } from "../person.js";
import {
  beginErasure,
  beginExportFile,
  changePrivacyRequest,
  keepSoughtValues,
  lockPrivacyRequest,
  postponePrivacyRequest,
  privacyQueue,
  type PrivacyRequestRow,
  recordProgress,
  storeExportFile,
} from "../requests/privacy-request.store.js";
import { closeAccount } from "./close-account.js";
import { formerValuesOf } from "./former-values.js";
import { personArchive } from "./person-archive.js";

/** Attempts until an export fails. Erasures are tried until they succeed. */
const MAX_TRIES = 10;
/** When the next attempt begins, by what has stopped this one, as database intervals. */
const held = { message: "A legal hold covers the person.", interval: "5 minutes", isUncounted: true };
const failed = { message: "It failed and will be tried again. The worker's log has the reason.", interval: "1 minute", isUncounted: false };
/** The worker shuts down: another one continues. */
const stopped = { message: null, interval: "0 seconds", isUncounted: true };

export interface PrivacyParts extends Pick<Services, "databases" | "keyring" | "secrets" | "keys" | "log"> {
  readonly storage: FileStorage;
  readonly erasures: ErasureList;
}

/**
 * Approved privacy requests, as a source of due work. Each step can be repeated, so a worker that is killed loses nothing.
 * @param stopping aborted when the worker stops. A turn is too short for an erasure
 */
export function duePrivacyRequests(parts: PrivacyParts, stopping: AbortSignal) {
  return {
    name: "privacyRequests",
    ...privacyQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      privacyQueue.takeTurn({ db: parts.databases.app, tenantId, limit, batch: 1, signal }, (row) => workOn(parts, row, stopping)),
  };
}

const inTenant = <T>({ databases }: PrivacyParts, { tenantId }: PrivacyRequestRow, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(databases.app, { tenantId }, "write", fn);

const metaOf = ({ keyring }: PrivacyParts, { tenantId, id }: PrivacyRequestRow): WriteMeta =>
  metaOfWork(encodeId("privacyRequest", id), tenantId, keyring);

/** Returns whether the work is done. */
async function workOn(parts: PrivacyParts, row: PrivacyRequestRow, signal: AbortSignal): Promise<boolean> {
  const { tenantId, id, kind, tries } = row;
  try {
    await (kind === "EXPORT" ? writeExport(parts, row, signal) : executeErasure(parts, row, signal));
    return true;
  } catch (error) {
    const waits = signal.aborted ? stopped : error instanceof ErasureNotDue ? held : failed;
    if (waits === failed) parts.log.error({ err: error, tenantId, privacyRequest: id }, "a privacy request failed, will be retried");
    if (waits === failed && kind === "EXPORT" && tries >= MAX_TRIES)
      await fail(parts, row, "The export could not be written. Ask the operator for the cause.");
    else
      await inTenant(parts, row, (tx) => postponePrivacyRequest(tx, id, { ...waits, isUncounted: waits.isUncounted || kind !== "EXPORT" }));
    return false;
  }
}

/** Erases a person as an approved request says, and completes the request with its receipt. @throws ErasureNotDue, and the reason of the signal */
export async function executeErasure(parts: PrivacyParts, row: PrivacyRequestRow, signal?: AbortSignal): Promise<void> {
  const { databases, keyring, secrets, erasures } = parts;
  const { tenantId, id, personId, requestedBy, decidedBy, decidedAt } = row;
  if (decidedBy === null || decidedAt === null) throw new ErasureNotDue();
  const [kind, personType] = [row.kind as ErasureKind, row.personType as PersonType];
  const person: ErasedPerson = { tenantId, personId, table: personTables[personType], kind };
  const onBegin = async (): Promise<void> => {
    // What has begun cannot be withdrawn, so it must not begin while the list cannot be written.
    await erasures.prepare();
    if (!(await inTenant(parts, row, (tx) => beginErasure(tx, id)))) throw new ErasureNotDue();
    await erasures.add({ version: 1, tenantId, requestId: id, kind, personType, personId, requestedBy, decidedBy, decidedAt });
    if (personType === "user") await inTenant(parts, row, (tx) => closeAccount(tx, metaOf(parts, row), { tenantId, id: personId }));
  };
  const onProgress = (receipt: ErasureReceipt): Promise<void> => inTenant(parts, row, (tx) => recordProgress(tx, id, receipt));
  const earlier = { receipt: row.receipt, values: await soughtValuesOf(parts, row) };
  const keepValues = (values: readonly string[]): Promise<void> => keep(parts, row, values);
  const formerValues = personType === "user" ? [] : await inTenant(parts, row, (tx) => formerValuesOf(tx, keyring, { tenantId, personId }));
  const hooks = { onBegin, onProgress, keepValues, earlier, formerValues, ...(signal && { signal }) };
  const receipt = await erasePerson({ databases, keyring, secrets, ...hooks }, person);
  const signedReceipt = await signErasure(parts.keys.checkpoint, "receipt", {
    tenant: tenantId,
    request: id,
    kind,
    person: personId,
    requestedBy,
    decidedBy,
    decidedAt,
    completedAt: new Date().toISOString(),
    ...receipt,
  });
  await finish(parts, row, "privacyRequest.complete", { status: "COMPLETED", receipt, signedReceipt, message: null });
}

const soughtField = "identity.privacy_requests.sought_values";

/** The key of the person encrypts the values, so that they are gone with it. */
const keep = (parts: PrivacyParts, row: PrivacyRequestRow, values: readonly string[]): Promise<void> =>
  inTenant(parts, row, async (tx) => {
    const { tenantId, personId } = row;
    const [sealed] = await parts.keyring.seal(tx, tenantId, [{ personId, field: soughtField, value: JSON.stringify(values) }]);
    if (sealed !== undefined) await keepSoughtValues(tx, row.id, sealed);
  });

/** Returns the values that an earlier attempt has searched for. */
async function soughtValuesOf(parts: PrivacyParts, row: PrivacyRequestRow): Promise<readonly string[]> {
  const { tenantId, soughtValues } = row;
  if (soughtValues === null || !isSealed(soughtValues)) return [];
  const [text] = await inTenant(parts, row, (tx) => parts.keyring.open(tx, tenantId, [{ field: soughtField, value: soughtValues }]));
  // After the key was destroyed, nothing is left to search for.
  return text === undefined || text === erased ? [] : z.array(z.string()).parse(JSON.parse(text));
}

async function writeExport(parts: PrivacyParts, row: PrivacyRequestRow, signal: AbortSignal): Promise<void> {
  const { tenantId, personId, fileId } = row;
  const file = fileId === null ? null : await inTenant(parts, row, (tx) => beginExportFile(tx, fileId));
  if (file === null) return fail(parts, row, "The file of the export no longer exists. Start the export again.");
  const { size, bytes, sha256 } = await personArchive(parts, { tenantId, personId });
  await parts.storage.write(fileKey(file), whileExtending(parts, row, bytes, signal), size);
  const stored = { id: file.id, attempt: file.attempt, size, sha256: sha256() };
  const isStored = await inTenant(parts, row, async (tx) => {
    if ((await storeExportFile(tx, stored)) === null) return false;
    await complete(tx, parts, row, "privacyRequest.complete", { status: "COMPLETED", message: null });
    await meterUsage(tx, metaOf(parts, row), [{ limit: "storageBytes", amount: size }]);
    return true;
  });
  // Another worker has continued the export, or the file was deleted, for example because the person is erased. Nobody else would delete the bytes.
  if (!isStored) await parts.storage.delete(fileKey(file));
}

const EXTEND_MS = 60_000;

/** Keeps the claim while the bytes of an export are read. A shutdown does not wait for large files: the export starts again in another worker. */
async function* whileExtending(
  parts: PrivacyParts,
  row: PrivacyRequestRow,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let extendedAt = performance.now();
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    if (performance.now() - extendedAt > EXTEND_MS) {
      extendedAt = performance.now();
      await inTenant(parts, row, (tx) => privacyQueue.extend(tx, row.id));
    }
    yield chunk;
  }
}

function fail(parts: PrivacyParts, row: PrivacyRequestRow, message: string): Promise<void> {
  return inTenant(parts, row, async (tx) => {
    await complete(tx, parts, row, "privacyRequest.fail", { status: "FAILED", message });
    if (row.fileId !== null) await deleteFile(tx, metaOf(parts, row), row.fileId);
  });
}

type Ended = Pick<PrivacyRequestRow, "status" | "message"> & Partial<Pick<PrivacyRequestRow, "receipt" | "signedReceipt">>;

const finish = (parts: PrivacyParts, row: PrivacyRequestRow, action: string, ended: Ended): Promise<void> =>
  inTenant(parts, row, (tx) => complete(tx, parts, row, action, ended));

async function complete(tx: Tx, parts: PrivacyParts, { id }: PrivacyRequestRow, action: string, ended: Ended): Promise<void> {
  const before = await lockPrivacyRequest(tx, id);
  if (before?.status !== "APPROVED") return;
  const after = await changePrivacyRequest(tx, before, "APPROVED", { ...ended, soughtValues: null, dueAt: null, finishedAt: sql`now()` });
  if (after === null) return;
  await writeAudit(tx, metaOf(parts, before), [{ action, entityType: "privacyRequest", entityId: id, before, after }]);
}
