/**
 * Escalations: keeps the chains of an instance in the transaction that changes it: begins and ends them, and sets the timer of their next level.
 * A definition without escalations costs nothing.
 * This module never decides what a level does.
 */
import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { armed, chainsAfter, chainsOfClocks, followed, type BeginChain } from "../../core/escalations/chains.js";
import type { Machine } from "../../core/model/machine.js";
import type { Outcome } from "../../core/model/outcome.js";
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

type EscalationChange = {
  readonly machine: Machine | null;
  readonly head: InstanceHead;
  readonly isNew?: boolean | undefined;
  readonly openTasks: readonly OpenTask[];
  readonly outcomes: readonly Outcome[];
  readonly writes: readonly InstanceWrite[];
};

/** Brings the chains of states and tasks to the state after these outcomes, which have been written. Those of SLA clocks follow their clocks. */
export async function keepEscalations(tx: Tx, meta: WriteMeta, change: EscalationChange): Promise<void> {
  const { outcomes, writes, isNew = false } = change;
  const head = writes.at(-1)?.instance ?? change.head;
  const isMigrated = outcomes.some(({ kind }) => kind === "migration");
  const found = change.machine ?? (await findMachine(tx, meta.tenantId, head.definitionId));
  if ((found?.escalations.size ?? 0) === 0 && (isNew || !isMigrated)) return;
  const machine = await inCalendars(tx, found, head);
  await withoutVendorScope(tx, async () => {
    const isRolledBack = outcomes.some(({ kind }) => kind === "rollback");
    const stored = isNew ? [] : await lockRuns(tx, head.id, { withEnded: isRolledBack });
    await writeRuns(tx, head, runsAfter({ ...change, machine, head, stored }));
    if (isMigrated && machine) await followAllClocks(tx, machine, head);
  });
}

const beginOf =
  ({ tenantId, id, definitionKey }: InstanceHead): BeginChain<RunRow> =>
  (run) => ({ tenantId, id: newId(), instanceId: id, definitionKey, ...run });

export type Changing = EscalationChange & { readonly stored: readonly RunRow[] };

/** What follows for the chains of states and tasks. `stored`: those that have not ended; all of them for a rollback. */
export const runsAfter = ({ machine, head, stored, outcomes, openTasks, writes }: Changing): RunWrite[] =>
  chainsAfter({
    machine,
    instance: { state: head.state, isOver: head.finishedAt !== null },
    stored,
    outcomes,
    open: openAfter(openTasks, outcomes, writes),
    at: outcomes.at(-1)?.at ?? head.updatedAt,
    begin: beginOf(head),
  });

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

/** Sets the timer of the next level of a chain, after another of its levels. */
export async function armNext(tx: Tx, run: RunRow, machine: Machine, head: InstanceHead): Promise<void> {
  const rule = machine.escalations.get(run.chain);
  if (!rule || run.endedAt !== null) return;
  const { state } = head;
  if (run.clockId === null) return writeRuns(tx, head, [armed(run, rule, { machine, state, at: head.updatedAt })]);
  const row = (await selectClocks(tx, head.id, { lock: true })).find(({ id }) => id === run.clockId);
  if (!row) return;
  const calendarOf = await readCalendars(tx, [row.calendarKey]);
  await writeRuns(tx, head, [followed(run, rule, { clock: toClock(row).clock, state, calendarOf })]);
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

type Following = { readonly clocks: readonly ClockRow[]; readonly calendarOf: CalendarOf; readonly stored: readonly RunRow[] };

/** What follows for chains from clocks that have changed. `stored`: the chains of these clocks, also those that have ended. */
export function followingRuns(machine: Machine | null, head: InstanceHead, { clocks, calendarOf, stored }: Following): RunWrite[] {
  return chainsOfClocks({
    rules: [...(machine?.escalations.values() ?? [])],
    clocks: clocks.map((row) => ({ ...row, clock: toClock(row).clock })),
    stored,
    state: head.state,
    calendarOf,
    begin: beginOf(head),
  });
}

/** A migration can add chains to clocks that do not change. */
async function followAllClocks(tx: Tx, machine: Machine, head: InstanceHead): Promise<void> {
  const clocks = (await selectClocks(tx, head.id, { lock: true })).filter((row) => !hasEnded(toClock(row).clock));
  if (clocks.length === 0) return;
  const calendarOf = await readCalendars(tx, [...new Set(clocks.map(({ calendarKey }) => calendarKey))]);
  await followClocks(tx, head, { clocks, calendarOf, machine });
}
