/** Actions on an instance outside its definition: comment, suspend, resume. */
import { workflows } from "@weft/drizzle";
import type { Permission } from "@weft/shared/viewer";
import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { and, eq } from "drizzle-orm";
import type { FireResult } from "../../core/model/outcome.js";
import { comment, resume, suspend } from "../../core/instance/intervene.js";
import type { CommentRequest } from "../../core/model/requests.js";
import type { Snapshot } from "../../core/model/snapshot.js";
import type { ViewerActor } from "../model/actor.js";
import { applyOutcome, assertVersion } from "../automatic/apply.js";
import { findMachine } from "../definition/machines.js";
import { accepted } from "../model/rejection.js";
import { readInstance, snapshotOf } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";
import { inCalendars } from "../calendar/calendars.js";
import { lockAncestors } from "../children/children.js";
import { resumeWithParent, suspendWithParent } from "../children/follow-parent.js";
import { indexComment } from "./index-comment.js";

const { history } = workflows;

export type Intervention = {
  /** UUID of the instance. */
  readonly id: string;
  /** The comment or the reason; optional only for a resumption. */
  readonly text: unknown;
  /** The instance must be visible to the actor under the permission of the operation. */
  readonly actor: ViewerActor;
  readonly expectedVersion?: number | null | undefined;
};

/**
 * Adds a comment to the history. Waits for concurrent writes, so that the comment is not lost to a conflict. Errors: NOT_FOUND, CONFLICT,
 * TRANSITION_REJECTED (it has ended), BAD_USER_INPUT.
 */
export async function commentOnInstance(tx: Tx, meta: WriteMeta, intervention: Intervention): Promise<InstanceHead> {
  const head = await intervene(tx, meta, intervention, { decide: comment, permission: "workflow.fire", lockRead: true });
  if (head.subjectType !== "request") return head;
  const commentId = await findHistoryId(tx, head);
  await indexComment(tx, head, { id: commentId, audience: "PUBLIC", text: String(intervention.text) });
  return head;
}

/** Returns the ID of the history entry that made the current version. */
async function findHistoryId(tx: Tx, { id, version }: InstanceHead): Promise<string> {
  const query = tx
    .select({ id: history.id })
    .from(history)
    .where(and(eq(history.instanceId, id), eq(history.version, version)));
  const [entry] = await named("findHistoryId", query);
  if (entry === undefined) throw new Error(`Version ${version} of the instance ${id} is not in its history.`);
  return entry.id;
}

/**
 * Suspends a running instance, and with it the children that its steps wait for. Of a concurrent suspension and firing, one wins and the other fails with CONFLICT.
 * Errors: as `commentOnInstance`.
 */
export const suspendInstance = (tx: Tx, meta: WriteMeta, intervention: Intervention): Promise<InstanceHead> =>
  intervene(tx, meta, intervention, { decide: suspend, permission: "workflow.cancel", lockRead: false });

/** Resumes a suspended instance, and the children that were suspended with it. Errors: as `commentOnInstance`. */
export const resumeInstance = (tx: Tx, meta: WriteMeta, intervention: Intervention): Promise<InstanceHead> =>
  intervene(tx, meta, intervention, { decide: resume, permission: "workflow.cancel", lockRead: false });

type Verb = {
  readonly decide: (snapshot: Snapshot, request: CommentRequest) => FireResult;
  readonly permission: Permission;
  readonly lockRead: boolean;
};

async function intervene(tx: Tx, meta: WriteMeta, { id, text, actor, expectedVersion }: Intervention, verb: Verb): Promise<InstanceHead> {
  const { decide, permission, lockRead } = verb;
  const read = await readInstance(tx, id, { actor, permission, lockRead });
  assertVersion(read.head, expectedVersion);
  const { isSuspendedWithParent } = read;
  const snapshot = { ...snapshotOf(read.head, read.openTasks, read.suspension), isSuspendedWithParent };
  const outcome = accepted(decide(snapshot, { actor, comment: text, now: read.now }));
  if (outcome.kind === "comment") return applyOutcome(tx, meta, read, { machine: null, outcome, actor });
  // What is written below the instance can end, which is written to its ancestors. Locks are taken from the root downwards.
  await withoutVendorScope(tx, () => lockAncestors(tx, [...read.head.ancestors, id]));
  // Automatic transitions that waited for the data or the assignment fire with the resumption.
  const machine =
    outcome.kind === "resume" ? await inCalendars(tx, await findMachine(tx, meta.tenantId, read.head.definitionId), read.head) : null;
  const after = await applyOutcome(tx, meta, read, { machine, outcome, actor });
  const follow = outcome.kind === "suspend" ? suspendWithParent : resumeWithParent;
  await follow(tx, meta, { parent: after, before: read.head, actor });
  return after;
}
