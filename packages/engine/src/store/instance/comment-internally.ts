/** Internal comments on an instance, which only users who work on it can read. */
import { workflows } from "@weft/drizzle";
import { BadUserInput } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { worksOn } from "@weft/platform/access";
import { writeAudit } from "@weft/platform/audit";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { and, eq } from "drizzle-orm";
import { internalComment } from "../../core/instance/intervene.js";
import { assertVersion } from "../automatic/apply.js";
import { accepted } from "../model/rejection.js";
import { readInstance, snapshotOf } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import { businessOf } from "../outcome/events.js";
import { indexComment } from "./index-comment.js";
import type { Intervention } from "./intervene.js";

const { instances, internalComments } = workflows;

/** An internal comment's row. */
export type InternalCommentRow = typeof internalComments.$inferSelect;

/**
 * Adds an internal comment. Neither the instance nor its version changes, because users of a vendor could then count the comments that they cannot
 * read. So the instance can have ended. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT; the latter also if the actor does not work on the instance.
 */
export async function commentInternally(tx: Tx, meta: WriteMeta, intervention: Intervention): Promise<InstanceHead> {
  const { id, text, actor, expectedVersion } = intervention;
  const { head, openTasks, suspension, now } = await readInstance(tx, id, { actor, permission: "workflow.fire" });
  assertVersion(head, expectedVersion);
  if (!(await isWorkedOn(tx, intervention))) {
    const message = "Only users of the organization who work on the workflow can write internal comments. Use the audience PUBLIC.";
    throw new BadUserInput([{ path: "input.audience", message }]);
  }
  const outcome = accepted(internalComment(snapshotOf(head, openTasks, suspension), { actor, comment: text, now }));
  await writeInternalComment(tx, meta, head, { text: outcome.comment ?? "", now });
  return head;
}

/** Writes an internal comment on the version and state of the instance. The caller has checked who comments. */
export async function writeInternalComment(
  tx: Tx,
  meta: WriteMeta,
  head: InstanceHead,
  { text, now }: { readonly text: string; readonly now: string },
): Promise<void> {
  const row: InternalCommentRow = {
    tenantId: meta.tenantId,
    id: newId(),
    instanceId: head.id,
    version: head.version,
    state: head.state,
    authorId: meta.actorId,
    onBehalfOf: meta.onBehalfOf,
    text,
    createdAt: now,
  };
  await named("insertInternalComment", tx.insert(internalComments).values(row));
  await indexComment(tx, head, { id: row.id, audience: "INTERNAL", text });
  const { definitionKey, version, status } = head;
  await appendEvents(tx, meta, [
    {
      type: "workflow.commented",
      subjectId: head.id,
      subjectVersion: version,
      related: businessOf(head),
      payload: { instanceId: head.id, definitionKey, version, status, audience: "INTERNAL" },
    },
  ]);
  // About the comment, not about the instance: a vendor sees the audit entries of the instances that it was given.
  await writeAudit(tx, meta, [
    { action: "workflow.commentInternally", entityType: "internalComment", entityId: row.id, before: null, after: row },
  ]);
}

async function isWorkedOn(tx: Tx, { id, actor }: Intervention): Promise<boolean> {
  const query = tx
    .select({ id: instances.id })
    .from(instances)
    .where(and(eq(instances.id, id), worksOn(actor.viewer, "workflow.read", instances)));
  return (await named("isWorkedOn", query)).length > 0;
}
