import { Conflict, NotFound, QueryLimitExceeded, RateLimited } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { encodeId, newId } from "@weft/shared/ids";
import { type ChainReport, checkpointSigner, findChainEnd, placeOfCheckpoint, verifyChain, writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import { type Context, toldToWait } from "@weft/api/context";
import type { StartAuditVerificationInput } from "./verification.input.js";
import {
  findRunning,
  findVerification,
  findVerifiedEnd,
  insertVerification,
  lockVerifications,
  rememberVerifiedEnd,
  tryLockVerification,
  type VerificationRow,
} from "./verification.store.js";

/** Maximum number of entries that one query recomputes: a fraction of a second of processor time. */
const MAX_ENTRIES = 5_000;

const verified = new WeakMap<Context, number>();

/** Tenants whose chain this process is currently verifying for a query. */
const atWork = new Set<string>();

/**
 * Verifies the entries sealed since the last verification, and records the verified end.
 * @throws QueryLimitExceeded for a second verification in one operation, RateLimited while another one of the tenant is running
 */
export async function verifyNewEntries(ctx: Context, knownCheckpoint: string | null): Promise<ChainReport> {
  const count = (verified.get(ctx) ?? 0) + 1;
  verified.set(ctx, count);
  if (count > 1) throw new QueryLimitExceeded({ limit: "auditVerifications", actual: count, max: 1 });
  const { tenantId } = ctx.viewer;
  // Checked before taking a connection. The request can already hold one for reading. If all connections of the tenant were held this way, the
  // requests would wait forever for a second one.
  if (atWork.has(tenantId)) throw isAtWork();
  atWork.add(tenantId);
  try {
    return await verifyAndRemember(ctx, knownCheckpoint);
  } catch (error) {
    throw toldToWait(error);
  } finally {
    atWork.delete(tenantId);
  }
}

const isAtWork = (): RateLimited => new RateLimited({ retryAfter: 1 }, "The audit trail of this organization is already being verified.");

async function verifyAndRemember(ctx: Context, knownCheckpoint: string | null): Promise<ChainReport> {
  const { tenantId } = ctx.viewer;
  const signer = await checkpointSigner(ctx.services.keys.checkpoint);
  // A separate transaction, because that of the request is read-only. Only one operation per tenant at a time takes a second connection.
  return asTenant(ctx.services.databases.app, ctx.viewer, "write", async (tx) => {
    if (!(await tryLockVerification(tx))) throw isAtWork();
    const end = await findVerifiedEnd(tx);
    const from = end === null ? null : await placeOfCheckpoint(signer, tenantId, end);
    const report = await verifyChain(tx, tenantId, { signer, knownCheckpoint, from, maxEntries: MAX_ENTRIES, computing: ctx.computing });
    if (report.head && report.head.sequence > report.from)
      await rememberVerifiedEnd(tx, { sequence: report.head.sequence, checkpoint: report.head.signature });
    return report;
  });
}

/**
 * Starts a verification of the whole chain, once per idempotency key. A worker runs it. If one is already running, returns it.
 * @throws Conflict while a verification with another checkpoint is running
 */
export async function startVerification(ctx: Context, { idempotencyKey, ...input }: StartAuditVerificationInput): Promise<VerificationRow> {
  const call = { mutation: "startAuditVerification", key: idempotencyKey ?? null, input };
  const row = await ctx.inTenant(async (tx) => {
    let created: VerificationRow | undefined;
    const { result } = await once(tx, ctx.meta, call, async () => {
      created = await create(tx, ctx, input.checkpoint ?? null);
      return { id: created.id };
    });
    return created ?? (await getVerification(tx, result["id"] ?? ""));
  });
  ctx.services.pubsub
    .publish(channels.auditVerifications, "")
    .catch((error: unknown) => ctx.log.debug({ err: error }, "a verification of the audit trail could not be announced"));
  return row;
}

async function create(tx: Tx, ctx: Context, knownCheckpoint: string | null): Promise<VerificationRow> {
  const { tenantId, userId } = ctx.viewer;
  // Concurrent calls wait here.
  await lockVerifications(tx);
  const running = await findRunning(tx);
  if (running?.knownCheckpoint === knownCheckpoint) return running;
  if (running) {
    const id = encodeId("auditVerification", running.id);
    throw new Conflict(
      `The verification ${id} of this audit trail is running with another checkpoint. Wait for its result: auditVerification(id: "${id}").`,
    );
  }
  const { lastSeal } = await findChainEnd(tx);
  const row = await insertVerification(tx, { tenantId, id: newId(), knownCheckpoint, total: lastSeal, createdBy: userId });
  await writeAudit(tx, ctx.meta, [{ action: "audit.verify", entityType: "auditVerification", entityId: row.id, before: null, after: row }]);
  return row;
}

/** @throws NotFound */
export async function getVerification(tx: Tx, id: string): Promise<VerificationRow> {
  const row = await findVerification(tx, id);
  if (!row) throw new NotFound("AuditVerification", encodeId("auditVerification", id));
  return row;
}
