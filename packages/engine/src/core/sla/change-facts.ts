/** What changes of an instance mean for its clocks. */
import type { Outcome } from "../model/outcome.js";
import { SYSTEM_ID } from "../timers/system-actor.js";
import type { SlaChangeFacts, SlaView } from "./decide.js";

/** Returns what an outcome changed. `before`: null for the start. */
export const changeFacts = (outcome: Outcome, { before, after }: Pick<SlaChangeFacts, "before" | "after">): SlaChangeFacts => ({
  kind: outcome.kind,
  before,
  after,
  completed: new Set(outcome.closeTasks.flatMap(({ id, reason }) => (reason === "completed" ? [id] : []))),
  at: outcome.at,
  by: outcome.isAutomatic || outcome.actorId === SYSTEM_ID ? null : outcome.actorId,
});

type Open = { readonly id: string; readonly rule: string; readonly isQuestioned?: boolean | undefined };

/** Open tasks as clocks see them. */
export const viewedTasks = (open: readonly Open[]): SlaView["tasks"] =>
  open.map(({ id, rule, isQuestioned = false }) => ({ id, rule, isQuestioned }));
