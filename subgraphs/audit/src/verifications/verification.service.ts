import {
  asTenant,
  type ChainReport,
  channels,
  checkpointSigner,
  Conflict,
  type Context,
  encodeId,
  findChainEnd,
  newId,
  NotFound,
  once,
  placeOfCheckpoint,
  QueryLimitExceeded,
  RateLimited,
  toldToWait,
  type Tx,
  verifyChain,
  writeAudit,
} from "@weft/shared";
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

/** Entries that one query recomputes: a fraction of a second of processor time. */
const MAX_ENTRIES = 5_000;

const verified = new WeakMap<Context, number>();

/** Tenants whose chain this process verifies for a query at the moment. */
const atWork = new Set<string>();

/**
 * Verifies what was sealed since the last verification, and remembers how far it came.
 * @throws QueryLimitExceeded for a second one in an operation, RateLimited while another one of the tenant is at work
 */
export async function verifyNewEntries(ctx: Context, knownCheckpoint: string | null): Promise<ChainReport> {
  const count = (verified.get(ctx) ?? 0) + 1;
  verified.set(ctx, count);
  if (count > 1) throw new QueryLimitExceeded({ limit: "auditVerifications", actual: count, max: 1 });
  const { tenantId } = ctx.viewer;
  // Known before it takes a connection: the request may hold one to read from, and as many of them as the tenant has would wait for a second one for ever.
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

const isAtWork = (): RateLimited => new RateLimited({ retryAfter: 1 }, "The audit trail of this organization is being verified already.");

async function verifyAndRemember(ctx: Context, knownCheckpoint: string | null): Promise<ChainReport> {
  const { tenantId } = ctx.viewer;
  const signer = await checkpointSigner(ctx.services.keys.checkpoint);
  // A transaction of its own, because the request's one only reads. One of a tenant at a time takes a second connection.
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

/** Starts a verification of the whole chain, once per idempotency key; a worker does it. One that is running already is the answer. @throws Conflict while one with another checkpoint runs */
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
    .catch((error: unknown) => ctx.log.debug({ err: error }, "a verification of the audit trail was not announced"));
  return row;
}

async function create(tx: Tx, ctx: Context, knownCheckpoint: string | null): Promise<VerificationRow> {
  const { tenantId, userId } = ctx.viewer;
  // Of two at the same time one waits here.
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
