import { BadUserInput, Conflict, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";
import { lockProjectOfInput } from "../projects/project-of-input.service.js";
import { assertStaff } from "../staff/staff.service.js";
import type { CloseProjectRiskInput } from "./project-risk.input.js";
import { findOpenScores, findRisk, insertRisk, lockRisk, type ProjectRiskRow, updateRiskRow } from "./project-risk.store.js";
import { type CreateProjectRiskInput, riskColumns, type UpdateProjectRiskInput } from "./project-risk.type.js";

/** @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function createProjectRisk(ctx: Context, input: CreateProjectRiskInput): Promise<ProjectRiskRow> {
  assertRisk(input);
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const ownerId = decodeIdOrNull("user", input.ownerId, "input.ownerId") ?? null;
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createProjectRisk", input }, async () => {
      await lockProjectOfInput(tx, ctx.viewer, { id: projectId, path: "input.projectId" });
      if (ownerId !== null) await assertStaff(tx, ownerId, "input.ownerId");
      const row = await insertRisk(tx, { ...riskColumns.plain(input), tenantId, id: newId(), projectId, ownerId, createdBy: userId });
      await recordChange(tx, ctx.meta, { event: { type: "projectRisk.created", payload: {} }, before: null, after: row });
      return row;
    });
    const row = await findRisk(tx, ctx.viewer, id);
    if (row === null) throw new NotFound("Risk", encodeId("projectRisk", id));
    return row;
  });
}

/** Changes an open risk. @throws NotFound, BadUserInput, Conflict (another version, or closed) */
export async function updateProjectRisk(ctx: Context, input: UpdateProjectRiskInput): Promise<ProjectRiskRow> {
  assertRisk(input);
  const { ownerId, ...others } = riskColumns.changes(input);
  const newOwner = decodeIdOrNull("user", ownerId, "input.ownerId");
  const changes = { ...others, ...(newOwner !== undefined && { ownerId: newOwner }) };
  return ctx.inTenant(async (tx) => {
    const before = await openRisk(ctx, tx, input);
    if (newOwner && newOwner !== before.ownerId) await assertStaff(tx, newOwner, "input.ownerId");
    const after = await updateRiskRow(tx, before.id, changes);
    const event = { type: "projectRisk.updated", payload: { changed: Object.keys(changes) } } as const;
    await recordChange(tx, ctx.meta, { event, before, after });
    return after;
  });
}

/** Closes a risk. @throws NotFound, BadUserInput, Conflict (another version, or closed already) */
export async function closeProjectRisk(ctx: Context, input: CloseProjectRiskInput): Promise<ProjectRiskRow> {
  const problems = textProblems("input.outcome", input.outcome, { max: 2000, mayBeEmpty: true, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = await openRisk(ctx, tx, input);
    const after = await updateRiskRow(tx, before.id, { status: "CLOSED", outcome: input.outcome.trim(), closedAt: sql`app.weft_now()` });
    await appendEvents(tx, ctx.meta, [{ type: "projectRisk.closed", subjectId: after.id, subjectVersion: after.version, payload: {} }]);
    await writeAudit(tx, ctx.meta, [{ action: "projectRisk.close", entityType: "projectRisk", entityId: after.id, before, after }]);
    return after;
  });
}

/** Returns the scores of the open risks of projects, for other parts of the subgraph. */
export const findOpenRiskScores = (tx: Tx, projectIds: readonly string[]): ReturnType<typeof findOpenScores> =>
  findOpenScores(tx, projectIds);

async function openRisk(ctx: Context, tx: Tx, { id, expectedVersion }: UpdateProjectRiskInput): Promise<ProjectRiskRow> {
  const row = await lockRisk(tx, ctx.viewer, decodeId("projectRisk", id, "input.id"));
  if (row === null) throw new NotFound("Risk", id);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("projectRisk", row.version);
  if (row.status === "CLOSED") throw new Conflict(`The risk ${quote(row.title)} is closed. Create another one.`, {});
  return row;
}

function assertRisk(input: Omit<UpdateProjectRiskInput, "id">): void {
  const problems = [
    ...riskColumns.textProblems(input),
    ...scaleProblems("input.probability", input.probability),
    ...scaleProblems("input.impact", input.impact),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}

const scaleProblems = (path: string, value: number | null | undefined): Problem[] =>
  typeof value !== "number" || (value >= 1 && value <= 5) ? [] : [{ path, message: `Use a number from 1 to 5, not ${value}.` }];
