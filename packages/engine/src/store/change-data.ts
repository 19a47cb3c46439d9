import type { Permission, Tx, WriteMeta } from "@weft/shared";
import { changeData } from "../core/change-data.js";
import { actorOfMeta, type ViewerActor } from "./actor.js";
import { applyOutcome, assertVersion } from "./apply.js";
import { machineToMove } from "./incidents.js";
import { accepted } from "./rejection.js";
import { readInstance, snapshotOf, type InstanceHead } from "./snapshot.js";

export type DataChange = {
  readonly id: string;
  /** Top-level properties to set; null removes one whose schema does not accept null. */
  readonly patch: unknown;
  /** Refuse with TRANSITION_REJECTED once the initial state was left. */
  readonly onlyInInitialState?: boolean | undefined;
  /** As at the start: refuse properties that the form does not ask for. */
  readonly fields?: readonly string[] | undefined;
  readonly expectedVersion?: number | null | undefined;
  /** Given: the instance must be visible to him under `permission`. Absent: the caller has checked its own verb's right. */
  readonly actor?: ViewerActor | undefined;
  readonly permission?: Permission | undefined;
};

/** Changes data without moving the state. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (data against its schema), TRANSITION_REJECTED (finished). */
export async function changeInstanceData(tx: Tx, meta: WriteMeta, change: DataChange): Promise<InstanceHead> {
  const { id, patch, onlyInInitialState, fields, expectedVersion, actor, permission = "request.update" } = change;
  const read = await readInstance(tx, id, { actor, permission });
  assertVersion(read.head, expectedVersion);
  const machine = await machineToMove(tx, meta, read.head);
  const request = { patch, onlyInInitialState, chosen: fields, actor: actor ?? actorOfMeta(meta), now: read.now };
  const outcome = accepted(changeData(machine, snapshotOf(read.head, read.openTasks, read.suspension), request));
  return applyOutcome(tx, meta, read, { machine, outcome, actor: request.actor });
}
