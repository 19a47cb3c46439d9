/** Decides how a change of an instance changes its clocks. */
import type { ConditionRule } from "../model/condition.js";
import { contextOf } from "../conditions/context.js";
import { evaluateCondition } from "../conditions/evaluate.js";
import type { Actor } from "../model/actor.js";
import type { ShowId } from "../model/compile-options.js";
import type { OutcomeKind } from "../model/outcome.js";
import type { SlaRule, SlaTrigger } from "../model/sla/rule.js";
import type { Snapshot } from "../model/snapshot.js";
import {
  changeClock,
  hasEnded,
  isMigratedAway,
  startClock,
  wholeSeconds,
  type CalendarOf,
  type SlaCause,
  type SlaClock,
  type SlaEntry,
  type SlaTerms,
} from "./ledger.js";

/** A clock of the instance, as stored. Of those with a rule and a task, the newest one. */
export type InstanceClock = {
  /** Absent for a clock that is not stored yet. */
  readonly id?: string | undefined;
  /** Key of its rule in the definition. */
  readonly rule: string;
  readonly taskId: string | null;
  readonly clock: SlaClock;
  /** Why it is paused; null while it runs. */
  readonly pausedFor: SlaCause | null;
  readonly isPausedByHand: boolean;
  /** Which target applies, as `TermsOf` names it. */
  readonly basis: string;
  /** The entries to write, in order. */
  readonly newEntries: readonly SlaEntry[];
};

/** An instance at one moment, as far as clocks depend on it. */
export type SlaView = Pick<Snapshot, "state" | "status" | "data" | "version" | "ownerId" | "teamId" | "assignee" | "requestType"> & {
  readonly tasks: readonly { readonly id: string; readonly rule: string; readonly isQuestioned: boolean }[];
};

/** The terms of a rule for these data; null: no target applies. `basis` names the target, and the policy if one replaces it. */
export type TermsOf = (
  rule: SlaRule,
  view: SlaView,
  times: { readonly startedAt: string; readonly at: string },
) => { readonly terms: SlaTerms; readonly basis: string } | null;

export type SlaChangeFacts = {
  readonly kind: OutcomeKind | "task";
  /** Null: the start. */
  readonly before: SlaView | null;
  readonly after: SlaView;
  /** IDs of the tasks that were completed. */
  readonly completed: ReadonlySet<string>;
  readonly at: string;
  /** The user who changed it; null: the system. */
  readonly by: string | null;
};

/** The SLAs of a definition, and how their terms and calendars are found. */
export type SlaRules = {
  readonly slas: ReadonlyMap<string, SlaRule>;
  readonly showId: ShowId | undefined;
  readonly termsOf: TermsOf;
  readonly calendarOf: CalendarOf;
};

/** Returns the clocks after the change: those that changed, with the entries to write, and the others as they were. */
export function clocksAfter(rules: SlaRules, clocks: readonly InstanceClock[], facts: SlaChangeFacts): InstanceClock[] {
  const kept = clocks.map((one) => {
    const rule = rules.slas.get(one.rule);
    if (hasEnded(one.clock)) {
      if (rule && facts.kind === "rollback") return continued(rules, rule, one, facts);
      return rule && facts.kind === "migration" && isMigratedAway(one.clock) && !hasSuccessor(clocks, one)
        ? restored(rules, rule, one, facts)
        : one;
    }
    if (rule) return changed(rules, rule, one, facts);
    return ended(rules, one, facts, { to: "CANCEL", cause: "MIGRATION" });
  });
  const resets = kept.flatMap((one) => {
    const rule = rules.slas.get(one.rule);
    return rule && one.newEntries.at(-1)?.cause === "RESET"
      ? started(rules, one.rule, rule, facts, { taskId: one.taskId, cause: "RESET" })
      : [];
  });
  const starts = [...rules.slas].flatMap(([key, rule]) => newClocks(rules, key, rule, [...kept, ...resets], facts));
  return [...kept, ...resets, ...starts];
}

/** Whether the trigger holds at the moment. */
export function triggered(
  { showId }: Pick<SlaRules, "showId">,
  trigger: SlaTrigger,
  view: SlaView,
  at: string,
  taskId: string | null,
): boolean {
  if (trigger.states.includes(view.state)) return true;
  if (trigger.waitingForInformation && view.tasks.some(({ id, isQuestioned }) => isQuestioned && (taskId === null || taskId === id)))
    return true;
  return trigger.when !== null && holdsFor({ showId }, trigger.when, view, at);
}

/** Whether a condition holds for the instance, without a user. */
export const holdsFor = ({ showId }: Pick<SlaRules, "showId">, { tree }: ConditionRule, view: SlaView, at: string): boolean =>
  evaluateCondition(tree, contextOf(view, { data: view.data, actor: nobody, now: at, showId })).holds;

const nobody: Actor = { id: "", roles: [], permissions: [], principals: { userIds: [], teamIds: [], vendorId: null } };

const isOver = ({ status }: SlaView): boolean => status === "COMPLETED" || status === "CANCELLED";

type Ending = { readonly to: "STOP" | "CANCEL"; readonly cause: SlaCause };

/** How the clock ends with this change; null: it does not. */
function endingOf(rules: SlaRules, { scope, stop, reset }: SlaRule, { taskId }: InstanceClock, facts: SlaChangeFacts): Ending | null {
  const { before, after, at } = facts;
  if (scope.kind === "task") {
    if (after.tasks.some(({ id }) => id === taskId)) return null;
    // A transition closes the tasks of its state, whoever fires it: a late task must not vanish from the report when somebody passes over it.
    const isDone = facts.completed.has(taskId ?? "") || facts.kind === "transition" || facts.kind === "vote";
    return isDone ? { to: "STOP", cause: "STOP" } : { to: "CANCEL", cause: "CANCELLATION" };
  }
  if (after.status === "CANCELLED") return { to: "CANCEL", cause: "CANCELLATION" };
  if (scope.kind === "state") {
    if (after.state === scope.state && !isOver(after)) return null;
    return facts.kind === "rollback" || facts.kind === "migration"
      ? { to: "CANCEL", cause: facts.kind === "rollback" ? "ROLLBACK" : "MIGRATION" }
      : { to: "STOP", cause: "STOP" };
  }
  if (isOver(after) || (stop && triggered(rules, stop, after, at, null))) return { to: "STOP", cause: "STOP" };
  const isReset = reset && triggered(rules, reset, after, at, null) && !(before && triggered(rules, reset, before, at, null));
  return isReset ? { to: "CANCEL", cause: "RESET" } : null;
}

const ended = ({ calendarOf }: SlaRules, one: InstanceClock, { at, by }: SlaChangeFacts, ending: Ending): InstanceClock => {
  const clock = changeClock(one.clock, { ...ending, at, by }, calendarOf);
  return { ...one, clock, pausedFor: null, isPausedByHand: false, newEntries: [...one.newEntries, clock.entry] };
};

function changed(rules: SlaRules, rule: SlaRule, one: InstanceClock, facts: SlaChangeFacts): InstanceClock {
  const ending = endingOf(rules, rule, one, facts);
  return ending ? ended(rules, one, facts, ending) : withPause(rules, rule, withTerms(rules, rule, one, facts), facts);
}

/** Another target applies to the new data. A policy or calendar that has changed in the meantime is applied by its own change. */
function withTerms({ termsOf, calendarOf }: SlaRules, rule: SlaRule, one: InstanceClock, facts: SlaChangeFacts): InstanceClock {
  const { before, after, at, by, kind } = facts;
  const { startedAt, entry } = one.clock;
  if (kind !== "migration" && (!before || before.data === after.data)) return one;
  const now = termsOf(rule, after, { startedAt, at });
  if (!now) return one;
  if (kind === "migration" ? sameTerms(now.terms, entry.terms) : before && termsOf(rule, before, { startedAt, at })?.basis === now.basis)
    return one;
  const to = entry.phase === "PAUSE" ? "PAUSE" : "RUN";
  const cause = kind === "migration" ? "MIGRATION" : "PRIORITY_CHANGE";
  const clock = changeClock(one.clock, { to, cause, terms: now.terms, at, by }, calendarOf);
  return { ...one, clock, basis: now.basis, newEntries: [...one.newEntries, clock.entry] };
}

const sameTerms = (a: SlaTerms, b: SlaTerms): boolean =>
  a.target === b.target && a.calendar === b.calendar && a.warn.join() === b.warn.join();

export type Recomputing = {
  readonly view: SlaView;
  readonly at: string;
  readonly cause: "POLICY_CHANGE" | "CALENDAR_CHANGE";
  readonly by: string | null;
  readonly reason: string | null;
};

/** Applies the terms of this moment to a clock, after a policy or a calendar has changed. What it has consumed stays. */
export function withCurrentTerms(
  { slas, termsOf, calendarOf }: SlaRules,
  one: InstanceClock,
  { view, at, cause, by, reason }: Recomputing,
): InstanceClock {
  const rule = slas.get(one.rule);
  const { startedAt, entry } = one.clock;
  const now = rule && !hasEnded(one.clock) ? termsOf(rule, view, { startedAt, at }) : null;
  if (!now || sameTerms(now.terms, entry.terms)) return one;
  const to = entry.phase === "PAUSE" ? "PAUSE" : "RUN";
  const clock = changeClock(one.clock, { to, cause, terms: now.terms, at, by, reason }, calendarOf);
  return { ...one, clock, basis: now.basis, newEntries: [...one.newEntries, clock.entry] };
}

/** Why the clock must be paused now; null: it runs. */
function pauseOf(
  rules: SlaRules,
  rule: SlaRule | null,
  { taskId, isPausedByHand }: Pick<InstanceClock, "taskId" | "isPausedByHand">,
  facts: SlaChangeFacts,
): SlaCause | null {
  const { after, at } = facts;
  if (after.status === "SUSPENDED") return "SUSPENSION";
  if (isPausedByHand) return "PAUSE_BY_HAND";
  const pause = rule?.pause;
  if (!pause) return null;
  if (triggered(rules, { states: [], when: null, waitingForInformation: pause.waitingForInformation }, after, at, taskId))
    return "WAITING_FOR_INFORMATION";
  return triggered(rules, { ...pause, waitingForInformation: false }, after, at, taskId) ? "PAUSE" : null;
}

/** Writes an entry if the reason for a pause has changed. */
function withPause(rules: SlaRules, rule: SlaRule, one: InstanceClock, facts: SlaChangeFacts): InstanceClock {
  const pausedFor = pauseOf(rules, rule, one, facts);
  if (pausedFor === one.pausedFor) return one;
  const { at, by, kind } = facts;
  const cause = pausedFor ?? (kind === "rollback" ? "ROLLBACK" : "RESUME");
  const clock = changeClock(one.clock, { to: pausedFor === null ? "RUN" : "PAUSE", cause, at, by }, rules.calendarOf);
  return { ...one, clock, pausedFor, newEntries: [...one.newEntries, clock.entry] };
}

/** A pause by hand begins (`isPausedByHand`) or ends. It is always an entry, also if the clock is paused for another reason. */
export function setPausedByHand(
  rules: SlaRules,
  rule: SlaRule | null,
  one: InstanceClock,
  facts: SlaChangeFacts,
  reason: string,
): InstanceClock {
  const pausedFor = pauseOf(rules, rule, one, facts);
  const cause = one.isPausedByHand ? "PAUSE_BY_HAND" : "RESUME_BY_HAND";
  const { at, by } = facts;
  const clock = changeClock(one.clock, { to: pausedFor === null ? "RUN" : "PAUSE", cause, at, by, reason }, rules.calendarOf);
  return { ...one, clock, pausedFor, newEntries: [...one.newEntries, clock.entry] };
}

/** A clock that a rollback continues: it had stopped, and would not have stopped in the state to which the instance returns. */
function continued(rules: SlaRules, rule: SlaRule, one: InstanceClock, facts: SlaChangeFacts): InstanceClock {
  const hasStopped = one.clock.entry.phase === "MET" || one.clock.entry.phase === "MISSED";
  if (!hasStopped || rule.scope.kind !== "instance" || rule.start || endingOf(rules, rule, one, facts)) return one;
  const clock = changeClock(one.clock, { to: "RUN", cause: "ROLLBACK", at: facts.at, by: facts.by }, rules.calendarOf);
  return withPause(rules, rule, { ...one, clock, newEntries: [...one.newEntries, clock.entry] }, facts);
}

/** A clock that an earlier migration canceled, and whose SLA is back, as after undoing that migration. Those of states start again. */
function restored(rules: SlaRules, rule: SlaRule, one: InstanceClock, facts: SlaChangeFacts): InstanceClock {
  const { at, by, after } = facts;
  const found = rules.termsOf(rule, after, { startedAt: one.clock.startedAt, at });
  if (!found || rule.scope.kind === "state" || isOver(after) || endingOf(rules, rule, one, facts)) return one;
  const clock = changeClock(one.clock, { to: "RUN", cause: "MIGRATION", terms: found.terms, at, by }, rules.calendarOf);
  return withPause(rules, rule, { ...one, clock, basis: found.basis, newEntries: [...one.newEntries, clock.entry] }, facts);
}

const hasSuccessor = (clocks: readonly InstanceClock[], { rule, taskId }: InstanceClock): boolean =>
  clocks.some((other) => other.rule === rule && other.taskId === taskId && !hasEnded(other.clock));

function newClocks(rules: SlaRules, key: string, rule: SlaRule, clocks: readonly InstanceClock[], facts: SlaChangeFacts): InstanceClock[] {
  const { after, before, at, kind } = facts;
  const cause = kind === "migration" ? "MIGRATION" : kind === "rollback" ? "ROLLBACK" : "START";
  if (isOver(after)) return [];
  const { scope, start, stop } = rule;
  const known = clocks.filter((one) => one.rule === key);
  if (scope.kind === "task")
    return after.tasks
      .filter((task) => task.rule === scope.rule && !known.some(({ taskId }) => taskId === task.id))
      .flatMap(({ id: taskId }) => started(rules, key, rule, facts, { taskId, cause }));
  if (known.some(({ clock }) => !hasEnded(clock))) return [];
  const starts =
    scope.kind === "state"
      ? after.state === scope.state && (before?.state !== scope.state || kind === "migration")
      : start === null
        ? known.length === 0 && (before === null || kind === "migration")
        : triggered(rules, start, after, at, null) && !(before && kind !== "migration" && triggered(rules, start, before, at, null));
  if (!starts || (stop && triggered(rules, stop, after, at, null))) return [];
  return started(rules, key, rule, facts, { taskId: null, cause });
}

type Starting = { readonly taskId: string | null; readonly cause: SlaCause };

function started(rules: SlaRules, key: string, rule: SlaRule, facts: SlaChangeFacts, { taskId, cause }: Starting): InstanceClock[] {
  const found = rules.termsOf(rule, facts.after, { startedAt: wholeSeconds(facts.at), at: facts.at });
  if (!found) return [];
  const clock = startClock({ to: "RUN", cause, at: facts.at, by: facts.by, terms: found.terms });
  const fresh = { rule: key, taskId, clock, pausedFor: null, isPausedByHand: false, basis: found.basis, newEntries: [clock.entry] };
  return [withPause(rules, rule, fresh, facts)];
}
