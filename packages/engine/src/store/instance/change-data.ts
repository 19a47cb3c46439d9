import type { Permission } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { changeData } from "../../core/instance/change-data.js";
import { actorOfMeta, type ViewerActor } from "../model/actor.js";
import { applyOutcome, assertVersion, type Decided } from "../automatic/apply.js";
import { machineForTransition } from "../incidents/incidents.js";
import { accepted } from "../model/rejection.js";
import { type InstanceRead, readInstance, snapshotOf } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";

export type DataChange = {
  readonly id: string;
  /** Top-level properties to set; null removes one whose schema does not accept null. */
  readonly patch: unknown;
  /** Reject with TRANSITION_REJECTED once the initial state was left. */
  readonly onlyInInitialState?: boolean | undefined;
  /** As at the start: reject properties that the form does not request. */
  readonly fields?: readonly string[] | undefined;
  readonly expectedVersion?: number | null | undefined;
  /** If given, the instance must be visible to the actor under `permission`. Absent: the caller has checked the permission of its own operation. */
  readonly actor?: ViewerActor | undefined;
  readonly permission?: Permission | undefined;
};

/** Checks that a change could be made now. Nothing is written. Errors as for `changeInstanceData`. */
export async function checkInstanceData(tx: Tx, meta: WriteMeta, change: DataChange): Promise<void> {
  await decide(tx, meta, change);
}

/** Changes data without leaving the state. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (data does not match its schema), TRANSITION_REJECTED (ended). */
export async function changeInstanceData(tx: Tx, meta: WriteMeta, change: DataChange): Promise<InstanceHead> {
  return applyOutcome(tx, meta, ...(await decide(tx, meta, change)));
}

async function decide(tx: Tx, meta: WriteMeta, change: DataChange): Promise<readonly [InstanceRead, Decided]> {
  const { id, patch, onlyInInitialState, fields, expectedVersion, actor, permission = "request.update" } = change;
  const read = await readInstance(tx, id, { actor, permission });
  assertVersion(read.head, expectedVersion);
  const machine = await machineForTransition(tx, meta, read.head);
  const request = { patch, onlyInInitialState, chosen: fields, actor: actor ?? actorOfMeta(meta), now: read.now };
  const outcome = accepted(changeData(machine, snapshotOf(read.head, read.openTasks, read.suspension), request));
  return [read, { machine, outcome, actor: request.actor }];
}
