import { BadUserInput } from "@weft/shared/errors";
import type { Permission } from "@weft/shared/viewer";
import { isOfVendor } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { grantObjectAccess, revokeObjectAccess } from "@weft/platform/object-access";
import { assign } from "../../core/instance/assign.js";
import { actorOfMeta, type ViewerActor } from "../model/actor.js";
import { applyOutcome, assertVersion } from "../automatic/apply.js";
import { machineForTransition } from "../incidents/incidents.js";
import { assertPrincipal, corePrincipal, type AssigneePrincipal } from "../model/principal.js";
import { accepted, rejectionError } from "../model/rejection.js";
import { badInput } from "../../core/model/rejection.js";
import { readRequiredComment } from "../../core/transition/read-comment.js";
import { writeInternalComment } from "./comment-internally.js";
import { readInstance, snapshotOf } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import type { VendorWorkKind } from "../model/vendor-capacity.js";

export type Assignment = {
  readonly id: string;
  /** null removes the assignment. */
  readonly principal: AssigneePrincipal | null;
  /** What else a vendor must see with the instance and its business row: its building, its asset. */
  readonly objectIds?: readonly string[] | undefined;
  /** Those that a former vendor must no longer see. Not all of them: another request of the vendor can be about the same building. */
  readonly revokeObjectIds?: readonly string[] | undefined;
  readonly expectedVersion?: number | null | undefined;
  /** If given, the instance must be visible to the actor under `permission`. Absent: the caller has checked the permission of its own operation. */
  readonly actor?: ViewerActor | undefined;
  readonly permission?: Permission | undefined;
  /** Becomes an internal comment on the version that the assignment makes. */
  readonly reason?: string | null | undefined;
};

/**
 * Assigns an instance to a user, a team or a vendor. What the vendor's users can see changes in the same transaction, through `object_access`.
 * The reason is internal: users of a vendor see the history's entry of the assignment, and a reason can be about the vendor.
 * Errors: NOT_FOUND, BAD_USER_INPUT (no such principal; the reason), CONFLICT, TRANSITION_REJECTED (the instance has ended).
 */
export async function assignInstance(tx: Tx, meta: WriteMeta, assignment: Assignment): Promise<InstanceHead> {
  const { id, principal, actor, permission = "request.assign", expectedVersion } = assignment;
  const reason = readReason(assignment);
  // Locked, because it writes the former assignees: a member who leaves the team at the same moment is added to them.
  const read = await readInstance(tx, id, { actor, permission, lockRead: true });
  assertVersion(read.head, expectedVersion);
  if (principal && !isAboutItself(principal, read.head))
    await assertPrincipal(tx, principal, `input.assignee.${principal.type.toLowerCase()}Id`, newWork(principal, read.head));
  const machine = await machineForTransition(tx, meta, read.head);
  const request = { to: corePrincipal(principal), actor: actor ?? actorOfMeta(meta), now: read.now };
  const before = snapshotOf(read.head, read.openTasks, read.suspension);
  const outcome = accepted(assign(machine, before, request));
  const after = await applyOutcome(tx, meta, read, { machine, outcome, actor: request.actor });
  if (reason !== null) await writeInternalComment(tx, meta, after, { text: reason, now: read.now });
  await moveAccess(tx, assignment, read.head);
  return after;
}

/** A workflow about a vendor, such as its onboarding, is no work for it: vendors in onboarding, which get none, fill it in. */
const isAboutItself = ({ type, id }: AssigneePrincipal, { subjectType, subjectId }: InstanceHead): boolean =>
  type === "VENDOR" && subjectType === "vendor" && subjectId === id;

/** What a vendor gets with the instance. Null if it has it already. */
function newWork({ id }: AssigneePrincipal, { assigneeVendorId, subjectType }: InstanceHead): VendorWorkKind | null {
  if (assigneeVendorId === id) return null;
  return subjectType === "request" ? "REQUEST" : "WORKFLOW";
}

function readReason({ reason, actor }: Assignment): string | null {
  if (reason === null || reason === undefined) return null;
  const read = readRequiredComment(reason, "reason");
  if ("problem" in read) throw rejectionError(badInput([read.problem]).rejection);
  if (actor && isOfVendor(actor.viewer)) {
    const message = "Only users of the organization can give a reason, which is internal. Omit it, or write a public comment.";
    throw new BadUserInput([{ path: "input.reason", message }]);
  }
  return read.text;
}

async function moveAccess(tx: Tx, { principal, objectIds = [], revokeObjectIds = [] }: Assignment, before: InstanceHead): Promise<void> {
  const own = [before.id, ...(before.subjectId ? [before.subjectId] : [])];
  // What the organization has noted about a vendor is not for the vendor that works on it.
  const given = before.subjectType === "vendor" ? [before.id] : own;
  const former = before.assigneeVendorId;
  const next = principal?.type === "VENDOR" ? principal.id : null;
  if (former && former !== next) await revokeObjectAccess(tx, { objectIds: [...own, ...revokeObjectIds], vendorId: former });
  if (next) await grantObjectAccess(tx, { objectIds: [...given, ...objectIds], vendorId: next });
}
