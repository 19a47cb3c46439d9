import type { Tx } from "@weft/platform/db";
import {
  type ErasedPerson,
  type ErasureKind,
  ErasureNotDue,
  type ErasureState,
  ErasureWaits,
  erasePerson,
  signErasure,
} from "@weft/platform/erasure";
import { erased, isSealed } from "@weft/platform/privacy";
import { z } from "zod";
import { personTables, type PersonType } from "../person.js";
import {
  beginErasure,
  erasureQueue,
  heldMessage,
  keepSoughtValues,
  postponePrivacyRequest,
  type Postponed,
  type PrivacyRequestRow,
  recordProgress,
} from "../requests/privacy-request.store.js";
import { closeAccount } from "./close-account.js";
import { formerValuesOf } from "./former-values.js";
import { complete, failedMessage, inTenant, metaOf, type PrivacyParts, retryTime } from "./privacy-work.js";

/** Time after which an erasure lets others go on. It continues in its next turn. */
const TURN_MS = 30_000;
/** Longest time between two attempts. Erasures are tried until they succeed. */
const RETRY_MINUTES = 360;

/** Another worker has taken over, or the request has ended. */
class ClaimLost extends Error {
  constructor() {
    super("Another worker has continued the erasure.");
  }
}

interface Turn {
  /** Aborted when the worker stops. */
  readonly stopping: AbortSignal;
  readonly turnMs?: number;
}

/**
 * Approved anonymizations and erasures, as a source of due work. An erasure can take hours, so it gives up its turn between two of its transactions, and
 * continues where it stopped. A worker that is killed loses nothing.
 */
export function dueErasures(parts: PrivacyParts, { stopping, turnMs = TURN_MS }: Turn) {
  return {
    name: "privacyErasures",
    ...erasureQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      erasureQueue.takeTurn({ db: parts.databases.app, tenantId, limit, batch: 1, signal }, (row) =>
        workOn(parts, row, { stopping, over: AbortSignal.timeout(turnMs) }),
      ),
  };
}

interface Signals {
  readonly stopping: AbortSignal;
  /** Aborted when the turn is over. */
  readonly over: AbortSignal;
}

/** Returns whether something was done. */
async function workOn(parts: PrivacyParts, row: PrivacyRequestRow, { stopping, over }: Signals): Promise<boolean> {
  const { tenantId, id } = row;
  const postpone = (postponed: Postponed): Promise<void> => inTenant(parts, row, (tx) => postponePrivacyRequest(tx, row, postponed));
  try {
    await executeErasure(parts, row, AbortSignal.any([stopping, over]));
    return true;
  } catch (error) {
    if (error instanceof ClaimLost) return false;
    const hasStopped = stopping.aborted || (over.aborted && error === over.reason);
    // What is repeated because something was left has not gone well before nothing is left.
    const tries = row.progress?.repeat === undefined ? 0 : row.tries - 1;
    if (hasStopped) await postpone({ message: null, interval: "0 seconds", tries });
    else if (error instanceof ErasureWaits) await postpone({ message: null, interval: `${error.seconds} seconds`, tries });
    else if (error instanceof ErasureNotDue) await postpone({ message: heldMessage, interval: "5 minutes", tries });
    else {
      parts.log.error({ err: error, tenantId, privacyRequest: id }, "an erasure failed, will be retried");
      await postpone({ message: failedMessage, interval: retryTime(row, RETRY_MINUTES) });
    }
    return hasStopped && !stopping.aborted;
  }
}

/**
 * Erases a person as an approved request says, and completes the request with its receipt. The request is claimed.
 * @throws ErasureNotDue, ErasureWaits, the reason of the signal, and an error if another worker has claimed it since
 */
export async function executeErasure(parts: PrivacyParts, row: PrivacyRequestRow, signal?: AbortSignal): Promise<void> {
  const { databases, keyring, secrets, erasures } = parts;
  const { tenantId, id, personId, requestedBy, decidedBy, decidedAt } = row;
  if (decidedBy === null || decidedAt === null) throw new ErasureNotDue();
  const [kind, personType] = [row.kind as ErasureKind, row.personType as PersonType];
  const person: ErasedPerson = { tenantId, personId, table: personTables[personType], kind };
  const onBegin = async (): Promise<void> => {
    // What has begun cannot be withdrawn, so it must not begin while the list cannot be written.
    if (row.progress === null) await erasures.prepare();
    if (!(await inTenant(parts, row, (tx) => beginErasure(tx, row)))) throw new ClaimLost();
    // An earlier turn has done it, before its first step.
    if (row.progress !== null) return;
    await erasures.add({ version: 1, tenantId, requestId: id, kind, personType, personId, requestedBy, decidedBy, decidedAt });
    if (personType === "user") await inTenant(parts, row, (tx) => closeAccount(tx, metaOf(parts, row), { tenantId, id: personId }));
  };
  const record = async (tx: Tx, state: ErasureState): Promise<void> => {
    if (!(await recordProgress(tx, row, state))) throw new ClaimLost();
  };
  const earlier = { receipt: row.receipt, progress: row.progress, values: await soughtValuesOf(parts, row) };
  const keepValues = (values: readonly string[]): Promise<void> => keep(parts, row, values);
  const formerValues = personType === "user" ? [] : await inTenant(parts, row, (tx) => formerValuesOf(tx, keyring, { tenantId, personId }));
  const hooks = { onBegin, record, keepValues, earlier, formerValues, ...(signal && { signal }) };
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
  const ended = { status: "COMPLETED", receipt, signedReceipt, message: null };
  if (!(await inTenant(parts, row, (tx) => complete(tx, parts, row, "privacyRequest.complete", ended)))) throw new ClaimLost();
}

const soughtField = "identity.privacy_requests.sought_values";

/** The key of the person encrypts the values, so that they are gone with it. */
const keep = (parts: PrivacyParts, row: PrivacyRequestRow, values: readonly string[]): Promise<void> =>
  inTenant(parts, row, async (tx) => {
    const { tenantId, personId } = row;
    const [sealed] = await parts.keyring.seal(tx, tenantId, [{ personId, field: soughtField, value: JSON.stringify(values) }]);
    if (sealed !== undefined && !(await keepSoughtValues(tx, row, sealed))) throw new ClaimLost();
  });

/** Returns the values that an earlier attempt has searched for. */
async function soughtValuesOf(parts: PrivacyParts, row: PrivacyRequestRow): Promise<readonly string[]> {
  const { tenantId, soughtValues } = row;
  if (soughtValues === null || !isSealed(soughtValues)) return [];
  const [text] = await inTenant(parts, row, (tx) => parts.keyring.open(tx, tenantId, [{ field: soughtField, value: soughtValues }]));
  // After the key was destroyed, nothing is left to search for.
  return text === undefined || text === erased ? [] : z.array(z.string()).parse(JSON.parse(text));
}
