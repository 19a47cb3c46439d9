/** Changes of clocks without a change of their instance: questions about tasks, pauses by hand. */
import { NotFound, TransitionRejected } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { setPausedByHand, type InstanceClock, type SlaChangeFacts, type SlaRules } from "../../core/sla/decide.js";
import { hasEnded } from "../../core/sla/ledger.js";
import { findMachine } from "../definition/machines.js";
import type { ViewerActor } from "../model/actor.js";
import { readInstance, type InstanceRead } from "../model/snapshot.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";
import { readCalendars } from "./calendars.js";
import { selectClocks, toClock } from "./clocks.store.js";
import { applyFacts, viewNow, writeChanged } from "./keep.js";
import { termsSource } from "./terms-source.js";

/** Brings the clocks of an instance up to date after a question about one of its tasks was asked, answered or withdrawn. */
export async function refreshClocks(tx: Tx, meta: WriteMeta, instance: InstanceRead["head"]): Promise<void> {
  const machine = await findMachine(tx, meta.tenantId, instance.definitionId);
  if (!machine || machine.slas.size === 0) return;
  await withoutVendorScope(tx, async () => {
    const stored = (await selectClocks(tx, instance.id, { lock: true })).map(toClock);
    if (stored.length === 0) return;
    const read = await readInstance(tx, instance.id, { permission: "workflow.read" });
    await applyFacts(tx, meta, { machine, head: read.head, stored, facts: [factsNow(meta, read)] });
  });
}

function factsNow({ actorId }: WriteMeta, read: InstanceRead): SlaChangeFacts {
  const view = viewNow(read);
  return { kind: "task", before: view, after: view, completed: new Set(), at: read.now, by: actorId };
}

export type HandPause = {
  /** UUID of the clock. */
  readonly id: string;
  readonly instanceId: string;
  readonly isPaused: boolean;
  readonly reason: string;
  readonly actor: ViewerActor;
  readonly permission: Permission;
};

/**
 * Pauses a clock by hand, or ends such a pause. Both are entries of its ledger, with the reason and the user. Errors: NOT_FOUND, TRANSITION_REJECTED
 * (it has ended, or is paused, or not paused, by hand already).
 */
export async function pauseClock(
  tx: Tx,
  meta: WriteMeta,
  { id, instanceId, isPaused, reason, actor, permission }: HandPause,
): Promise<void> {
  // Locks the instance first, as every change of it does.
  const read = await readInstance(tx, instanceId, { actor, permission, lockRead: true });
  const stored = (await selectClocks(tx, instanceId, { lock: true })).map(toClock);
  const one = stored.find((clock) => clock.id === id);
  if (!one) throw new NotFound("SlaClock", encodeId("slaClock", id));
  const why = hasEnded(one.clock)
    ? "It has ended."
    : one.isPausedByHand === isPaused
      ? isPaused
        ? "It is already paused by hand."
        : "It is not paused by hand."
      : null;
  if (why !== null)
    throw new TransitionRejected([
      { code: "sla", message: `The SLA clock "${one.row?.title ?? one.rule}" cannot be ${isPaused ? "paused" : "resumed"}: ${why}` },
    ]);
  const machine = await findMachine(tx, meta.tenantId, read.head.definitionId);
  const rule = machine?.slas.get(one.rule);
  const calendarOf = await readCalendars(tx, [one.clock.entry.terms.calendar]);
  const { termsOf, used } = termsSource(read.head, machine?.showId);
  const rules: SlaRules = { slas: machine?.slas ?? new Map(), showId: machine?.showId, termsOf, calendarOf };
  const clock: InstanceClock = setPausedByHand(rules, rule ?? null, { ...one, isPausedByHand: isPaused }, factsNow(meta, read), reason);
  await writeChanged(tx, meta, { head: read.head, clocks: [clock], stored, calendarOf, calendars: used, titleOf: () => null });
}
