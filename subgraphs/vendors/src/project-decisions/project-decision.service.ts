import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertDay } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { lockProjectOfInput } from "../projects/project-of-input.service.js";
import { assertStaff } from "../staff/staff.service.js";
import type { CloseProjectDecisionInput } from "./project-decision.input.js";
import { findDecision, insertDecision, lockDecision, type ProjectDecisionRow, updateDecisionRow } from "./project-decision.store.js";
import { type CreateProjectDecisionInput, decisionColumns, type UpdateProjectDecisionInput } from "./project-decision.type.js";

/** @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function createProjectDecision(ctx: Context, input: CreateProjectDecisionInput): Promise<ProjectDecisionRow> {
  assertDecision(input);
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const deciderId = decodeIdOrNull("user", input.decidedById, "input.decidedById") ?? null;
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createProjectDecision", input }, async () => {
      await lockProjectOfInput(tx, ctx.viewer, { id: projectId, path: "input.projectId" });
      if (deciderId !== null) await assertStaff(tx, deciderId, "input.decidedById");
      const row = await insertDecision(tx, {
        ...decisionColumns.plain(input),
        tenantId,
        id: newId(),
        projectId,
        decidedBy: deciderId ?? userId,
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "projectDecision.created", payload: {} }, before: null, after: row });
      return row;
    });
    const row = await findDecision(tx, ctx.viewer, id);
    if (row === null) throw new NotFound("Decision", encodeId("projectDecision", id));
    return row;
  });
}

/** Changes a decision that applies. @throws NotFound, BadUserInput, Conflict (another version, or closed) */
export async function updateProjectDecision(ctx: Context, input: UpdateProjectDecisionInput): Promise<ProjectDecisionRow> {
  const { title, decision, reason, decidedOn } = input;
  assertDecision(input);
  const decidedBy = decodeIdOrNull("user", input.decidedById, "input.decidedById");
  const changes = decisionColumns.given({ title: title?.trim(), decision: decision?.trim(), reason, decidedOn, decidedBy });
  return ctx.inTenant(async (tx) => {
    const before = await openDecision(ctx, tx, input);
    if (decidedBy && decidedBy !== before.decidedBy) await assertStaff(tx, decidedBy, "input.decidedById");
    const after = await updateDecisionRow(tx, before.id, changes);
    const event = { type: "projectDecision.updated", payload: { changed: Object.keys(changes) } } as const;
    await recordChange(tx, ctx.meta, { event, before, after });
    return after;
  });
}

/** Closes a decision. @throws NotFound, BadUserInput, Conflict (another version, or closed already) */
export async function closeProjectDecision(ctx: Context, input: CloseProjectDecisionInput): Promise<ProjectDecisionRow> {
  const problems = textProblems("input.outcome", input.outcome, { max: 2000, mayBeEmpty: true, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = await openDecision(ctx, tx, input);
    const after = await updateDecisionRow(tx, before.id, {
      status: "CLOSED",
      outcome: input.outcome.trim(),
      closedAt: sql`app.weft_now()`,
    });
    await appendEvents(tx, ctx.meta, [{ type: "projectDecision.closed", subjectId: after.id, subjectVersion: after.version, payload: {} }]);
    await writeAudit(tx, ctx.meta, [{ action: "projectDecision.close", entityType: "projectDecision", entityId: after.id, before, after }]);
    return after;
  });
}

async function openDecision(ctx: Context, tx: Tx, { id, expectedVersion }: UpdateProjectDecisionInput): Promise<ProjectDecisionRow> {
  const row = await lockDecision(tx, ctx.viewer, decodeId("projectDecision", id, "input.id"));
  if (row === null) throw new NotFound("Decision", id);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("projectDecision", row.version);
  if (row.status === "CLOSED") throw new Conflict(`The decision ${quote(row.title)} is closed. Create another one.`, {});
  return row;
}

function assertDecision(input: Omit<UpdateProjectDecisionInput, "id">): void {
  if (typeof input.decidedOn === "string") assertDay(input.decidedOn, "input.decidedOn");
  decisionColumns.assertText(input);
}
