import { identity } from "@weft/drizzle";
import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { issueAccessToken } from "@weft/platform/tokens";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { keysetPage, type Page } from "@weft/api/pages";
import { and, eq, sql } from "drizzle-orm";
import { announceRevocations } from "../revocations.js";
import { reasonProblems } from "../tenants/tenant-status.service.js";
import { inTenantOf } from "./in-tenant.js";
import type { ActAsTenantPayload, OperatorSessionsArgs } from "./operator-session.input.js";
import {
  countOperatorSessions,
  findOperatorSession,
  insertOperatorSession,
  isActive,
  revokeOperatorSession,
  selectOperatorSessions,
} from "./operator-session.store.js";
import type { OperatorSessionRow } from "./operator-session.store.js";
import { toOperatorSession } from "./operator-session.type.js";
import type { ActAsTenantInput, OperatorSession } from "./operator-session.type.js";

const longestMinutes = 60;

/**
 * Opens a session in a tenant for a platform operator. Its token expires with it and cannot be renewed. Its permissions are fixed
 * (`operatorPermissions`), and it ends early if the operator's own session or permission ends. Audited in both tenants, in one transaction.
 * @throws BadUserInput, NotFound, Conflict (an archived tenant)
 */
export async function actAsTenant(ctx: Context, { tenantId: id, reason, minutes }: ActAsTenantInput): Promise<ActAsTenantPayload> {
  const target = decodeId("tenant", id, "input.tenantId");
  const problems = [
    ...reasonProblems(reason),
    ...(minutes >= 1 && minutes <= longestMinutes
      ? []
      : [{ path: "input.minutes", message: `An operator session lasts 1 to ${longestMinutes} minutes.` }]),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  const sessionId = newId();
  const { tenantId: operatorTenantId, userId: operatorId, sessionId: operatorSessionId } = ctx.viewer;
  const given = { operatorTenantId, operatorId, operatorSessionId, operatorReason: reason.trim() };
  const { session, issuedAtSeconds } = await ctx.inTenant(async (tx) => {
    const entered = await inTenantOf(ctx, tx, target, async (inside, meta, tenant) => {
      if (tenant.status === "ARCHIVED") throw new Conflict("The tenant is archived. Restore it first.", { currentState: tenant.status });
      const row = { tenantId: target, id: sessionId, userId: meta.actorId, ...given };
      const issued = await insertOperatorSession(inside, { ...row, minutes });
      await recordBeginning(inside, { ...meta, sessionId }, { reason: given.operatorReason, minutes });
      return { session: await getOperatorSession(inside, sessionId), issuedAtSeconds: issued };
    });
    const after = { sessionId, reason: given.operatorReason, minutes };
    await writeAudit(tx, ctx.meta, [{ action: "tenant.actAs", entityType: "tenant", entityId: target, before: null, after }]);
    return entered;
  });
  const token = await issueAccessToken(ctx.services.keys.access, {
    userId: session.userId,
    tenantId: target,
    sessionId,
    issuedAtSeconds,
    operator: { userId: operatorId, tenantId: operatorTenantId, seconds: minutes * 60 },
  });
  return { ...token, session: toOperatorSession(session) };
}

/** Recorded in the tenant with the reason. The operator's user and the platform tenant's ID are not revealed to the tenant. */
async function recordBeginning(tx: Tx, meta: WriteMeta, said: { readonly reason: string; readonly minutes: number }): Promise<void> {
  const sessionId = meta.sessionId ?? "";
  const after = { id: sessionId, userId: meta.actorId, operatorReason: said.reason, minutes: said.minutes };
  await writeAudit(tx, meta, [{ action: "session.operatorEntered", entityType: "session", entityId: sessionId, before: null, after }]);
  const related = { user: meta.actorId };
  const payload = { sessionId, userId: meta.actorId };
  await appendEvents(tx, meta, [{ type: "session.created", subjectId: sessionId, subjectVersion: 1, related, payload }]);
}

/**
 * Returns the operator sessions of all tenants for viewers who can read all tenants, otherwise those of the viewer's tenant, newest first.
 * @throws BadUserInput, NotFound (another tenant)
 */
export function listOperatorSessions(ctx: Context, args: OperatorSessionsArgs): Promise<Page<OperatorSession>> {
  const { sessions } = identity;
  const { auth } = ctx.services.databases;
  const tenantId = typeof args.tenantId === "string" ? decodeId("tenant", args.tenantId, "tenantId") : null;
  const seesAll = reachesAll(ctx.viewer, "platform.read");
  if (tenantId !== null && tenantId !== ctx.viewer.tenantId && !seesAll) throw new NotFound("Tenant", encodeId("tenant", tenantId));
  const where = and(
    tenantId === null ? undefined : eq(sessions.tenantId, tenantId),
    typeof args.isActive === "boolean" ? sql`${isActive} = ${args.isActive}` : undefined,
  );
  const isElsewhere = seesAll && tenantId !== ctx.viewer.tenantId;
  const read = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => (isElsewhere ? auth.begin(fn, "read") : ctx.read(fn));
  return keysetPage(ctx, {
    args,
    list: "operatorSessions",
    orderBy: null,
    id: { column: sessions.id, valueOf: (row: OperatorSessionRow) => row.id },
    fetch: (slice) => read((tx) => selectOperatorSessions(tx, and(where, slice.where), slice)),
    count: () => read((tx) => countOperatorSessions(tx, where)),
    toNode: toOperatorSession,
  });
}

/**
 * Ends an operator session. For administrators of the tenant and users with platform.act. A session that is over is not changed.
 * @throws NotFound
 */
export async function endOperatorSession(ctx: Context, { id }: IdInput): Promise<OperatorSessionRow> {
  const sessionId = decodeId("session", id, "input.id");
  const { viewer } = ctx;
  const unknown = () => new NotFound("OperatorSession", id);
  if (!reachesAll(viewer, "platform.act")) {
    const ended = await ctx.inTenant(async (tx) => {
      if (!(await findOperatorSession(tx, sessionId))) throw unknown();
      return (await end(tx, ctx.meta, sessionId)).row;
    });
    await announceRevocations(ctx.services, [{ tenantId: viewer.tenantId, sessionId }]);
    return ended;
  }
  const found = await ctx.services.databases.auth.begin((tx) => findOperatorSession(tx, sessionId), "read");
  if (!found) throw unknown();
  const { tenantId } = found;
  const ended = await ctx.inTenant(async (tx) => {
    const { row, isEnded } = await inTenantOf(ctx, tx, tenantId, (inside, meta) => end(inside, meta, sessionId));
    const after = { sessionId };
    if (isEnded)
      await writeAudit(tx, ctx.meta, [{ action: "tenant.endActAs", entityType: "tenant", entityId: tenantId, before: null, after }]);
    return row;
  });
  await announceRevocations(ctx.services, [{ tenantId, sessionId }]);
  return ended;
}

/** A session that is already over is not ended again and not audited. */
async function end(tx: Tx, meta: WriteMeta, sessionId: string): Promise<{ row: OperatorSessionRow; isEnded: boolean }> {
  const isEnded = await revokeOperatorSession(tx, sessionId);
  const row = await getOperatorSession(tx, sessionId);
  if (!isEnded) return { row, isEnded };
  const { userId } = row;
  const reason = "OPERATOR_ENDED";
  await writeAudit(tx, meta, [
    {
      action: "session.operatorEnded",
      entityType: "session",
      entityId: sessionId,
      before: { userId },
      after: { userId, revokedReason: reason },
    },
  ]);
  await appendEvents(tx, meta, [
    { type: "session.ended", subjectId: sessionId, subjectVersion: 2, related: { user: userId }, payload: { sessionId, userId, reason } },
  ]);
  return { row, isEnded };
}

async function getOperatorSession(tx: Tx, id: string): Promise<OperatorSessionRow> {
  const row = await findOperatorSession(tx, id);
  if (!row) throw new Error(`The session ${id} was written but cannot be read.`);
  return row;
}
