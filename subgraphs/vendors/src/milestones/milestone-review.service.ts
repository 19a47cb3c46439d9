import { actorOf, findPublishedMachine, startInstance } from "@weft/engine";
import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { readUndone } from "../project-tasks/plan.service.js";
import type { LockedProject } from "../projects/update-project.service.js";

import { getMilestone, imageOf, lockProjectOf, openMilestone } from "./milestone.service.js";
import { findTasksOfMilestones, type MilestoneRow, updateMilestoneRow } from "./milestone.store.js";
import type { Milestone } from "./milestone.type.js";

/** Key of the definition of reviews. A review uses the version that is the newest published one when it starts. */
const definitionKey = "milestone-approval";

/** Undone tasks that an error names. */
const maxNamed = 10;

/**
 * Starts the review of a milestone, in one transaction. What happens to the milestone at the end of the review is decided by the function
 * `vendors.follow_milestone_approval`, whoever ends it.
 * @throws NotFound, BadUserInput (no definition `milestone-approval` is published; data that it does not accept), Conflict (another version, in review,
 * or reached; tasks that must be done first are not)
 */
export async function submitMilestone(ctx: Context, input: KeyedVersionedIdInput): Promise<Milestone> {
  const id = decodeId("milestone", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "submitMilestone", key: input.idempotencyKey, input }, async () => {
      // A project that is deleted meanwhile would leave a review without it.
      const project = await lockProjectOf(ctx, tx, input.id);
      const before = await openMilestone(ctx, tx, input);
      await assertTasksDone(tx, before);
      await submit(ctx, tx, before, project);
      return { id };
    });
    return getMilestone(ctx, tx, id);
  });
}

async function assertTasksDone(tx: Tx, { id, projectId, name }: MilestoneRow): Promise<void> {
  const taskIds = (await findTasksOfMilestones(tx, [id])).map(({ taskId }) => taskId);
  const undone = await readUndone(tx, projectId, taskIds);
  if (undone.length === 0) return;
  const named = [...undone.slice(0, maxNamed).map((each) => quote(each)), ...(undone.length > maxNamed ? ["…"] : [])].join(", ");
  throw new Conflict(`The milestone ${quote(name)} needs tasks that are not done: ${named}. Complete them first.`, {
    dependents: { tasks: undone.length },
  });
}

async function submit(ctx: Context, tx: Tx, before: MilestoneRow, project: LockedProject): Promise<void> {
  const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, definitionKey);
  if (machine === null) {
    const message = `The review of milestones needs the definition ${quote(definitionKey)}, which is not published. Publish it first.`;
    throw new BadUserInput([{ path: "input.id", message }]);
  }
  const instanceId = newId();
  // Before the start, because a review can end while it starts.
  const after = await updateMilestoneRow(tx, before.id, {
    status: "IN_REVIEW",
    instanceId,
    reason: null,
    submittedBy: ctx.viewer.userId,
    submittedAt: sql`app.weft_now()`,
  });
  await appendEvents(tx, ctx.meta, [
    { type: "milestone.submitted", subjectId: before.id, subjectVersion: after.version, related: { instance: instanceId }, payload: {} },
  ]);
  await writeAudit(tx, ctx.meta, [
    { action: "milestone.submit", entityType: "milestone", entityId: before.id, before: imageOf(before), after: imageOf(after) },
  ]);
  const data = Object.entries(dataOf(before, project)).filter(([property]) => machine.data.root.properties.has(property));
  await startInstance(tx, ctx.meta, {
    definitionKey,
    id: instanceId,
    data: Object.fromEntries(data),
    ownerId: ctx.viewer.userId,
    subject: { type: "milestone", id: before.id },
    actor: actorOf(ctx.viewer),
  });
}

/** Returns what a review decides with. Those properties are passed that the definition has. */
const dataOf = ({ name, description, dueOn }: MilestoneRow, project: LockedProject) => ({
  name,
  project: project.name,
  projectCode: project.code,
  dueOn,
  ...(description !== "" && { description }),
});
