import type { Tx } from "@weft/platform/db";
import { explain, type TransitionExplanation } from "../../core/transition/explain.js";
import { roleNamesIn } from "../authorization/role-names.js";
import type { ViewerActor } from "../model/actor.js";
import { inCalendars } from "../calendar/calendars.js";
import { machineOf } from "../definition/machines.js";
import { readInstance, snapshotOf } from "../model/snapshot.js";
import { readBlockers } from "./blockers.js";

/** Explains the rules between the actor and a transition of an instance that the actor can read. Errors: NOT_FOUND. */
export async function explainFor(
  tx: Tx,
  { id, transition, actor }: { readonly id: string; readonly transition: string; readonly actor: ViewerActor },
): Promise<TransitionExplanation> {
  const { head, openTasks, suspension, now } = await readInstance(tx, id, { actor, permission: "workflow.read" });
  const machine = await inCalendars(tx, await machineOf(tx, actor.viewer.tenantId, head.definitionId), head);
  const blockers = (await readBlockers(tx, [head], () => machine)).get(id);
  const explained = explain(machine, { ...snapshotOf(head, openTasks, suspension), blockers }, { transition, actor, now });
  const withNames = await roleNamesIn(tx, explained.ruleResults);
  return { ...explained, ruleResults: explained.ruleResults.map(withNames) };
}
