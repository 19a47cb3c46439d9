import type { Permission } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { cancel } from "../../core/instance/cancel.js";
import { resolve } from "../../core/incidents/resolve.js";
import { actorOfMeta, type ViewerActor } from "../model/actor.js";
import { applyChain, applyOutcome, assertVersion } from "../automatic/apply.js";
import { findMachine } from "../definition/machines.js";
import { accepted, rejectionError } from "../model/rejection.js";
import { readInstance, snapshotOf } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";

export type Cancellation = {
  readonly id: string;
  readonly comment?: string | null | undefined;
  readonly expectedVersion?: number | null | undefined;
  /** If given, the instance must be visible to the actor under `permission`. Absent: the caller has checked the permission of its own operation. */
  readonly actor?: ViewerActor | undefined;
  readonly permission?: Permission | undefined;
};

/** Ends an instance from outside its definition (for administrators). Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (already ended). */
export async function cancelInstance(tx: Tx, meta: WriteMeta, cancellation: Cancellation): Promise<InstanceHead> {
  const { id, comment, expectedVersion, actor, permission = "workflow.cancel" } = cancellation;
  const read = await readInstance(tx, id, { actor, permission });
  assertVersion(read.head, expectedVersion);
  const machine = await findMachine(tx, meta.tenantId, read.head.definitionId);
  const request = { actor: actor ?? actorOfMeta(meta), comment: comment ?? null, now: read.now };
  const snapshot = snapshotOf(read.head, read.openTasks, read.suspension);
  if (snapshot.status === "FAILED") {
    // As in `resolveIncident`: users who monitor incidents see that this one is over.
    const resolved = resolve(machine, snapshot, { ...request, action: "CANCEL" });
    if (!resolved.ok) throw rejectionError(resolved.rejection);
    return applyChain(tx, meta, read, { machine, outcomes: resolved.outcomes, actor: request.actor });
  }
  const outcome = accepted(cancel(machine, snapshot, request));
  return applyOutcome(tx, meta, read, { machine, outcome, actor: request.actor });
}
