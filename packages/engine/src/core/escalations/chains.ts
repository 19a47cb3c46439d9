/** Decides how a change of an instance, or of its SLA clocks, changes its chains of escalations: which begin and end, and when the next level is due. */
import type { EscalationRule } from "../model/escalation.js";
import type { Machine } from "../model/machine.js";
import type { Outcome } from "../model/outcome.js";
import { ENTERS } from "../outcome/snapshot-after.js";
import type { CalendarOf, SlaClock } from "../sla/ledger.js";
import { clockLevelDueAt, levelDueAt } from "./due.js";

/** A chain of an instance. `clockId`: its SLA clock, for an anchor of that kind. */
export type ChainRun = {
  readonly chain: string;
  readonly title: string;
  /** STATE, TASK or SLA. */
  readonly anchor: string;
  readonly taskId: string | null;
  readonly clockId: string | null;
  readonly anchoredAt: string;
  /** Index of the next level. */
  readonly nextLevel: number;
  /** How many chains before it were due as soon as another one had begun them. */
  readonly depth: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly endReason: string | null;
};

/** A chain that changes. `timer`: the time of its next level, and the state in which it is set; null: none is pending. */
export type ChainChange<R extends ChainRun> = {
  readonly row: R;
  readonly timer: { readonly dueAt: string; readonly state: string } | null;
};

/** Creates a chain, with an ID of its own. */
export type BeginChain<R extends ChainRun> = (run: ChainRun) => R;

/** An instance after a change, as far as its chains depend on it. */
export type Escalated = { readonly state: string; readonly isOver: boolean };

export type ChainsChanged<R extends ChainRun> = {
  readonly machine: Machine | null;
  readonly instance: Escalated;
  /** Oldest first. Ended ones only if the instance was rolled back. */
  readonly stored: readonly R[];
  readonly outcomes: readonly Outcome[];
  /** The rules of the open tasks afterwards, by task ID. */
  readonly open: ReadonlyMap<string, string>;
  readonly at: string;
  readonly begin: BeginChain<R>;
};

/** Returns the chains of states and tasks that change with these outcomes. Those of SLA clocks end only if the definition no longer has them. */
export function chainsAfter<R extends ChainRun>({
  machine,
  instance,
  stored,
  outcomes,
  open,
  at,
  begin,
}: ChainsChanged<R>): ChainChange<R>[] {
  const entry = outcomes.findLast(({ kind, from, to }) => ENTERS.has(kind) && !(kind === "rollback" && from === to));
  const isMigrated = outcomes.some(({ kind }) => kind === "migration");
  const rules = machine?.escalations ?? new Map<string, EscalationRule>();
  const depth = outcomes[0]?.timer ? outcomes[0].timer.depth + 1 : 0;
  const arming = { machine, state: instance.state, at };
  const alive = new Set<string>();
  const changes: ChainChange<R>[] = [];
  for (const row of stored) {
    if (row.endedAt !== null) continue;
    const rule = rules.get(row.chain);
    const endReason = whyEnded(row, rule, { ...instance, open, hasEntered: entry !== undefined });
    if (endReason !== null) changes.push({ row: { ...row, endedAt: at, endReason }, timer: null });
    else {
      alive.add(keyOf(row));
      // Another version can have other delays.
      if (isMigrated && rule && row.anchor !== "SLA") changes.push(armed(row, rule, arming));
    }
  }
  if (instance.isOver) return changes;
  for (const rule of rules.values()) {
    const taskIds =
      rule.on.kind === "task"
        ? [...open].flatMap(([id, name]) => (rule.on.kind === "task" && name === rule.on.rule ? [id] : []))
        : rule.on.kind === "state" && rule.on.state === instance.state
          ? [null]
          : [];
    for (const taskId of taskIds) {
      if (alive.has(keyOf({ chain: rule.name, taskId }))) continue;
      const earlier = earlierRun(stored, rule);
      const row: R = earlier
        ? { ...earlier, anchoredAt: at, endedAt: null, endReason: null }
        : begin(fresh(rule, { anchor: taskId === null ? "STATE" : "TASK", taskId, clockId: null, at }));
      changes.push(armed({ ...row, depth }, rule, arming));
    }
  }
  return changes;
}

const keyOf = ({ chain, taskId }: Pick<ChainRun, "chain" | "taskId">): string => `${chain} ${taskId ?? ""}`;

/** The newest chain of the state, if it has ended: a rollback into the state continues it, so that no level is done twice. Only then are ended chains known. */
const earlierRun = <R extends ChainRun>(stored: readonly R[], rule: EscalationRule): R | undefined =>
  rule.on.kind === "state"
    ? stored.findLast(({ chain, anchor, endedAt }) => chain === rule.name && anchor === "STATE" && endedAt !== null)
    : undefined;

type After = Escalated & { readonly open: ReadonlyMap<string, string>; readonly hasEntered: boolean };

function whyEnded(row: ChainRun, rule: EscalationRule | undefined, { state, isOver, open, hasEntered }: After): string | null {
  if (isOver && row.anchor !== "SLA") return "The instance has ended.";
  if (!rule || rule.on.kind.toUpperCase() !== row.anchor) return "The definition no longer has the escalation.";
  switch (rule.on.kind) {
    case "state":
      return hasEntered || state !== rule.on.state ? "The state was left." : null;
    case "task":
      return open.get(row.taskId ?? "") === rule.on.rule ? null : "The task was closed.";
    case "sla":
      // The chain follows its clock.
      return null;
    default:
      return rule.on satisfies never;
  }
}

const fresh = (
  { name, title }: EscalationRule,
  { at, ...anchored }: Pick<ChainRun, "anchor" | "taskId" | "clockId"> & { readonly at: string },
): ChainRun => ({
  chain: name,
  title,
  ...anchored,
  anchoredAt: at,
  nextLevel: 0,
  depth: 0,
  startedAt: at,
  endedAt: null,
  endReason: null,
});

type Arming = { readonly machine: Machine | null; readonly state: string; readonly at: string };

/** A chain of a state or a task with the time of its next level. Chains that follow each other without a delay are counted. */
export function armed<R extends ChainRun>(row: R, rule: EscalationRule, { machine, state, at }: Arming): ChainChange<R> {
  const level = rule.levels[row.nextLevel];
  const dueAt = level ? levelDueAt(rule, level, { anchoredAt: row.anchoredAt, calendars: machine?.calendars ?? null }) : null;
  const isNow = dueAt !== null && Date.parse(dueAt) <= Date.parse(at);
  return { row: { ...row, title: rule.title, depth: isNow ? row.depth : 0 }, timer: dueAt === null ? null : { dueAt, state } };
}

type Following = { readonly clock: SlaClock; readonly state: string; readonly calendarOf: CalendarOf };

/** A chain of an SLA clock with the time of its next level. */
export function followed<R extends ChainRun>(row: R, rule: EscalationRule, { clock, state, calendarOf }: Following): ChainChange<R> {
  const level = rule.levels[row.nextLevel];
  const dueAt = level ? clockLevelDueAt(clock, rule, level, calendarOf) : null;
  return { row: { ...row, title: rule.title }, timer: dueAt === null ? null : { dueAt, state } };
}

/** An SLA clock that has changed. */
export type FollowedClock = {
  readonly id: string;
  readonly rule: string;
  readonly taskId: string | null;
  readonly clock: SlaClock;
  readonly startedAt: string;
  /** Null: it has not ended. */
  readonly endedAt: string | null;
};

export type ClocksChanged<R extends ChainRun> = {
  /** The escalations of the definition. */
  readonly rules: readonly EscalationRule[];
  readonly clocks: readonly FollowedClock[];
  /** The chains of these clocks, also those that have ended. */
  readonly stored: readonly R[];
  readonly state: string;
  readonly calendarOf: CalendarOf;
  readonly begin: BeginChain<R>;
};

/** Returns the chains of SLA clocks that have changed. */
export function chainsOfClocks<R extends ChainRun>({
  rules,
  clocks,
  stored,
  state,
  calendarOf,
  begin,
}: ClocksChanged<R>): ChainChange<R>[] {
  const changes: ChainChange<R>[] = [];
  for (const { id, rule: key, taskId, clock, startedAt, endedAt } of clocks) {
    for (const rule of rules) {
      if (rule.on.kind !== "sla" || rule.on.rule !== key) continue;
      const run = stored.find(({ chain, clockId }) => chain === rule.name && clockId === id);
      if (endedAt !== null) {
        if (run?.endedAt === null) changes.push({ row: { ...run, endedAt, endReason: "The SLA clock has ended." }, timer: null });
        continue;
      }
      const current: R = run
        ? { ...run, endedAt: null, endReason: null }
        : begin(fresh(rule, { anchor: "SLA", taskId, clockId: id, at: startedAt }));
      changes.push(followed(current, rule, { clock, state, calendarOf }));
    }
  }
  return changes;
}
