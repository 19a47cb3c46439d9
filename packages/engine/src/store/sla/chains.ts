/**
 * Escalations: keeps the chains of an instance in the transaction that changes it: begins and ends them, and sets the timer of their next level.
 * A definition without escalations costs nothing.
 * This room never decides what a level does.
 */
import { newId, type Tx, type WriteMeta } from "@weft/shared";
import { clockLevelDueAt, levelDueAt } from "../../core/escalations/due.js";
import type { EscalationRule } from "../../core/model/escalation.js";
import type { Machine } from "../../core/model/machine.js";
import type { Outcome } from "../../core/model/outcome.js";
import { ENTERS } from "../../core/outcome/snapshot-after.js";
import { hasEnded, type CalendarOf } from "../../core/sla/ledger.js";
import { inCalendars } from "../calendar/calendars.js";
import { findMachine } from "../definition/machines.js";
import type { InstanceHead } from "../model/instance-head.js";
import type { OpenTask } from "../model/snapshot.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";
import type { InstanceWrite } from "../outcome/instance-write.js";
import { readCalendars } from "./calendars.js";
import { selectClocks, toClock, type ClockRow } from "./clocks.store.js";
import { lockRuns, lockRunsOfClocks, writeRuns, type RunRow, type RunWrite } from "./chains.store.js";

type Kept = {
  readonly machine: Machine | null;
  readonly head: InstanceHead;
  readonly isNew?: boolean | undefined;
  readonly openTasks: readonly OpenTask[];
  readonly outcomes: readonly Outcome[];
  readonly writes: readonly InstanceWrite[];
};

/** Brings the chains of states and tasks to the state after these outcomes, which have been written. Those of SLA clocks follow their clocks. */
export async function keepEscalations(tx: Tx, meta: WriteMeta, kept: Kept): Promise<void> {
  const { outcomes, writes, isNew = false } = kept;
  const head = writes.at(-1)?.instance ?? kept.head;
  const isMigrated = outcomes.some(({ kind }) => kind === "migration");
  const found = kept.machine ?? (await findMachine(tx, meta.tenantId, head.definitionId));
  if ((found?.escalations.size ?? 0) === 0 && (isNew || !isMigrated)) return;
  const machine = await inCalendars(tx, found, head);
  await withoutVendorScope(tx, async () => {
    const isRolledBack = outcomes.some(({ kind }) => kind === "rollback");
    const stored = isNew ? [] : await lockRuns(tx, head.id, { withEnded: isRolledBack });
    await writeRuns(tx, head, runsAfter({ ...kept, machine, head, stored, isMigrated }));
    if (isMigrated && machine) await followAllClocks(tx, machine, head);
  });
}

export type Changing = Kept & { readonly stored: readonly RunRow[]; readonly isMigrated: boolean };

/** What follows for the chains of states and tasks. `stored`: those that have not ended; all of them for a rollback. */
export function runsAfter({ machine, head, stored, outcomes, openTasks, writes, isMigrated }: Changing): RunWrite[] {
  const entry = outcomes.findLast(({ kind, from, to }) => ENTERS.has(kind) && !(kind === "rollback" && from === to));
  const at = outcomes.at(-1)?.at ?? head.updatedAt;
  const rules = machine?.escalations ?? new Map<string, EscalationRule>();
  const open = openAfter(openTasks, outcomes, writes);
  const depth = outcomes[0]?.timer ? outcomes[0].timer.depth + 1 : 0;
  const alive = new Set<string>();
  const changes: RunWrite[] = [];
  for (const row of stored) {
    if (row.endedAt !== null) continue;
    const rule = rules.get(row.chain);
    const endReason = whyEnded(row, rule, { head, open, hasEntered: entry !== undefined });
    if (endReason !== null) changes.push({ row: { ...row, endedAt: at, endReason }, timer: null });
    else {
      alive.add(keyOf(row));
      // Another version can have other delays.
      if (isMigrated && rule && row.anchor !== "SLA") changes.push(armed(row, rule, { machine, head, at }));
    }
  }
  if (head.finishedAt !== null) return changes;
  for (const rule of rules.values()) {
    const taskIds =
      rule.on.kind === "task"
        ? [...open].flatMap(([id, name]) => (rule.on.kind === "task" && name === rule.on.rule ? [id] : []))
        : rule.on.kind === "state" && rule.on.state === head.state
          ? [null]
          : [];
    for (const taskId of taskIds) {
      if (alive.has(keyOf({ chain: rule.name, taskId }))) continue;
      const earlier = earlierRun(stored, rule);
      const fresh = newRun(head, rule, { anchor: taskId === null ? "STATE" : "TASK", taskId, clockId: null, at });
      const row = earlier ? { ...earlier, anchoredAt: at, endedAt: null, endReason: null } : fresh;
      changes.push(armed({ ...row, depth }, rule, { machine, head, at }));
    }
  }
  return changes;
}

const keyOf = ({ chain, taskId }: Pick<RunRow, "chain" | "taskId">): string => `${chain} ${taskId ?? ""}`;

/** The newest chain of the state, if it has ended: a rollback into the state continues it, so that no level is done twice. Only then are ended chains known. */
const earlierRun = (stored: readonly RunRow[], rule: EscalationRule): RunRow | undefined =>
  rule.on.kind === "state"
    ? stored.findLast(({ chain, anchor, endedAt }) => chain === rule.name && anchor === "STATE" && endedAt !== null)
    : undefined;

type After = { readonly head: InstanceHead; readonly open: ReadonlyMap<string, string>; readonly hasEntered: boolean };

function whyEnded(row: RunRow, rule: EscalationRule | undefined, { head, open, hasEntered }: After): string | null {
  if (head.finishedAt !== null && row.anchor !== "SLA") return "The instance has ended.";
  if (!rule || rule.on.kind.toUpperCase() !== row.anchor) return "The definition no longer has the escalation.";
  switch (rule.on.kind) {
    case "state":
      return hasEntered || head.state !== rule.on.state ? "The state was left." : null;
    case "task":
      return open.get(row.taskId ?? "") === rule.on.rule ? null : "The task was closed.";
    case "sla":
      // The chain follows its clock.
      return null;
    default:
      return rule.on satisfies never;
  }
}

/** The rules of the open tasks, by task ID. */
function openAfter(
  openTasks: readonly OpenTask[],
  outcomes: readonly Outcome[],
  writes: readonly InstanceWrite[],
): ReadonlyMap<string, string> {
  const open = new Map(openTasks.map(({ id, rule }) => [id, rule]));
  for (const [index, { closeTasks }] of outcomes.entries()) {
    for (const { id } of closeTasks) open.delete(id);
    for (const { id, rule } of writes[index]?.openTasks ?? []) open.set(id, rule);
  }
  return open;
}

function newRun(
  head: InstanceHead,
  { name, title }: EscalationRule,
  { at, ...anchored }: Pick<RunRow, "anchor" | "taskId" | "clockId"> & { readonly at: string },
): RunRow {
  return {
    tenantId: head.tenantId,
    id: newId(),
    instanceId: head.id,
    definitionKey: head.definitionKey,
    chain: name,
    title,
    ...anchored,
    anchoredAt: at,
    nextLevel: 0,
    depth: 0,
    startedAt: at,
    endedAt: null,
    endReason: null,
  };
}

type Arming = { readonly machine: Machine | null; readonly head: Pick<InstanceHead, "state">; readonly at: string };

/** A chain of a state or a task with the timer of its next level. Chains that follow each other without a delay are counted. */
function armed(row: RunRow, rule: EscalationRule, { machine, head, at }: Arming): RunWrite {
  const level = rule.levels[row.nextLevel];
  const dueAt = level ? levelDueAt(rule, level, { anchoredAt: row.anchoredAt, calendars: machine?.calendars ?? null }) : null;
  const isNow = dueAt !== null && Date.parse(dueAt) <= Date.parse(at);
  return { row: { ...row, title: rule.title, depth: isNow ? row.depth : 0 }, timer: dueAt === null ? null : { dueAt, state: head.state } };
}

/** Sets the timer of the next level of a chain, after another of its levels. */
export async function armNext(tx: Tx, run: RunRow, machine: Machine, head: InstanceHead): Promise<void> {
  const rule = machine.escalations.get(run.chain);
  if (!rule || run.endedAt !== null) return;
  if (run.clockId === null) return writeRuns(tx, head, [armed(run, rule, { machine, head, at: head.updatedAt })]);
  const clock = (await selectClocks(tx, head.id, { lock: true })).find(({ id }) => id === run.clockId);
  if (clock) await writeRuns(tx, head, [followed(run, rule, { clock, head, calendarOf: await readCalendars(tx, [clock.calendarKey]) })]);
}

/** Brings the chains of clocks that have changed to the state of their clocks. */
export async function followClocks(
  tx: Tx,
  head: InstanceHead,
  {
    clocks,
    calendarOf,
    machine: given,
  }: { readonly clocks: readonly ClockRow[]; readonly calendarOf: CalendarOf; readonly machine?: Machine },
): Promise<void> {
  const machine = given ?? (await findMachine(tx, head.tenantId, head.definitionId));
  const concerned = concernedClocks(machine, clocks);
  if (concerned.length === 0) return;
  const stored = await lockRunsOfClocks(
    tx,
    concerned.map(({ id }) => id),
  );
  await writeRuns(tx, head, followingRuns(machine, head, { clocks: concerned, calendarOf, stored }));
}

/** The clocks from which chains count. */
function concernedClocks(machine: Machine | null, clocks: readonly ClockRow[]): ClockRow[] {
  const rules = [...(machine?.escalations.values() ?? [])];
  return clocks.filter(({ rule }) => rules.some(({ on }) => on.kind === "sla" && on.rule === rule));
}

/** What follows for chains from clocks that have changed. `stored`: the chains of these clocks, also those that have ended. */
export function followingRuns(
  machine: Machine | null,
  head: InstanceHead,
  {
    clocks,
    calendarOf,
    stored,
  }: { readonly clocks: readonly ClockRow[]; readonly calendarOf: CalendarOf; readonly stored: readonly RunRow[] },
): RunWrite[] {
  const changes: RunWrite[] = [];
  for (const clock of clocks) {
    for (const rule of machine?.escalations.values() ?? []) {
      if (rule.on.kind !== "sla" || rule.on.rule !== clock.rule) continue;
      const run = stored.find(({ chain, clockId }) => chain === rule.name && clockId === clock.id);
      if (clock.endedAt !== null) {
        if (run?.endedAt === null)
          changes.push({ row: { ...run, endedAt: clock.endedAt, endReason: "The SLA clock has ended." }, timer: null });
        continue;
      }
      const fresh = (): RunRow => newRun(head, rule, { anchor: "SLA", taskId: clock.taskId, clockId: clock.id, at: clock.startedAt });
      changes.push(followed(run ? { ...run, endedAt: null, endReason: null } : fresh(), rule, { clock, head, calendarOf }));
    }
  }
  return changes;
}

type Following = { readonly clock: ClockRow; readonly head: Pick<InstanceHead, "state">; readonly calendarOf: CalendarOf };

function followed(row: RunRow, rule: EscalationRule, { clock, head, calendarOf }: Following): RunWrite {
  const level = rule.levels[row.nextLevel];
  const dueAt = level ? clockLevelDueAt(toClock(clock).clock, rule, level, calendarOf) : null;
  return { row: { ...row, title: rule.title }, timer: dueAt === null ? null : { dueAt, state: head.state } };
}

/** A migration can add chains to clocks that do not change. */
async function followAllClocks(tx: Tx, machine: Machine, head: InstanceHead): Promise<void> {
  const clocks = (await selectClocks(tx, head.id, { lock: true })).filter((row) => !hasEnded(toClock(row).clock));
  if (clocks.length === 0) return;
  const calendarOf = await readCalendars(tx, [...new Set(clocks.map(({ calendarKey }) => calendarKey))]);
  await followClocks(tx, head, { clocks, calendarOf, machine });
}
