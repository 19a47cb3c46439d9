import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { type ErasedPerson, type ErasureKind, type ErasureList, ErasureNotDue, erasePerson, signReceipt } from "@weft/platform/erasure";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import { deleteFile, fileKey, type FileStorage } from "@weft/platform/files";
import type { Services } from "@weft/platform/services";
import { meterUsage } from "@weft/platform/usage";
import { sql } from "drizzle-orm";
import { personTables, type PersonType } from "../person.js";
import {
  beginExportFile,
  changePrivacyRequest,
  lockPrivacyRequest,
  postponePrivacyRequest,
  privacyQueue,
  type PrivacyRequestRow,
  storeExportFile,
} from "../requests/privacy-request.store.js";
import { closeAccount } from "./close-account.js";
import { personArchive } from "./person-archive.js";

/** Attempts until an export fails. Erasures are tried until they succeed. */
const MAX_TRIES = 10;
/** Time until the next attempt while a legal hold stops an erasure. A database interval. */
const heldTime = "5 minutes";
const retryTime = "1 minute";

export interface PrivacyParts extends Pick<Services, "databases" | "keyring" | "keys" | "log"> {
  readonly storage: FileStorage;
  readonly erasures: ErasureList;
}

/** Approved privacy requests, as a source of due work. Each step can be repeated, so a worker that is killed loses nothing. */
export function duePrivacyRequests(parts: PrivacyParts) {
  return {
    name: "privacyRequests",
    ...privacyQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      privacyQueue.takeTurn({ db: parts.databases.app, tenantId, limit, batch: 1, signal }, (row) => workOn(parts, row)),
  };
}

const inTenant = <T>({ databases }: PrivacyParts, { tenantId }: PrivacyRequestRow, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(databases.app, { tenantId }, "write", fn);

const metaOf = ({ keyring }: PrivacyParts, { tenantId, id }: PrivacyRequestRow): WriteMeta =>
  metaOfWork(encodeId("privacyRequest", id), tenantId, keyring);

/** Returns whether the work is done. */
async function workOn(parts: PrivacyParts, row: PrivacyRequestRow): Promise<boolean> {
  const { tenantId, id, kind, tries } = row;
  try {
    await (kind === "EXPORT" ? writeExport(parts, row) : executeErasure(parts, row));
    return true;
  } catch (error) {
    const isHeld = error instanceof ErasureNotDue;
    if (!isHeld) parts.log.error({ err: error, tenantId, privacyRequest: id }, "a privacy request failed, will be retried");
    if (kind === "EXPORT" && tries >= MAX_TRIES) await fail(parts, row, "The export could not be written. Ask the operator for the cause.");
    else
      await inTenant(parts, row, (tx) =>
        postponePrivacyRequest(tx, id, {
          message: isHeld ? "A legal hold covers the person." : "It failed and will be tried again. The worker's log has the reason.",
          interval: isHeld ? heldTime : retryTime,
        }),
      );
    return false;
  }
}

/** Erases a person as an approved request says, and completes the request with its receipt. @throws ErasureNotDue */
export async function executeErasure(parts: PrivacyParts, row: PrivacyRequestRow): Promise<void> {
  const { databases, keyring, erasures } = parts;
  const { tenantId, id, personId, requestedBy, decidedBy, decidedAt } = row;
  if (decidedBy === null || decidedAt === null) throw new ErasureNotDue("Nobody has approved the request.");
  const [kind, personType] = [row.kind as ErasureKind, row.personType as PersonType];
  const person: ErasedPerson = { tenantId, personId, table: personTables[personType], kind };
  const onBegin = async (): Promise<void> => {
    await erasures.add({ version: 1, tenantId, requestId: id, kind, personType, personId, requestedBy, decidedBy, decidedAt });
    if (personType === "user") await inTenant(parts, row, (tx) => closeAccount(tx, { tenantId, id: personId }));
  };
  const receipt = await erasePerson({ databases, keyring, onBegin }, person);
  const signedReceipt = await signReceipt(parts.keys.checkpoint, {
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

async function writeExport(parts: PrivacyParts, row: PrivacyRequestRow): Promise<void> {
  const { tenantId, personId, fileId } = row;
  const file = fileId === null ? null : await inTenant(parts, row, (tx) => beginExportFile(tx, fileId));
  if (file === null) return fail(parts, row, "The file of the export no longer exists. Start the export again.");
  const { size, bytes, sha256 } = await personArchive(parts, { tenantId, personId });
  await parts.storage.write(fileKey(file), bytes, size);
  const stored = { id: file.id, attempt: file.attempt, size, sha256: sha256() };
  await inTenant(parts, row, async (tx) => {
    if ((await storeExportFile(tx, stored)) === null) throw new Error("Another worker has continued the export.");
    await complete(tx, parts, row, "privacyRequest.complete", { status: "COMPLETED", message: null });
    await meterUsage(tx, metaOf(parts, row), [{ limit: "storageBytes", amount: size }]);
  });
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
  const after = await changePrivacyRequest(tx, before, "APPROVED", { ...ended, dueAt: null, finishedAt: sql`now()` });
  if (after === null) return;
  await writeAudit(tx, metaOf(parts, before), [{ action, entityType: "privacyRequest", entityId: id, before, after }]);
}
