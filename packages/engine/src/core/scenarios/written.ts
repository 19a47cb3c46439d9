/** Applies outcomes to an instance in memory, with what the engine keeps for it: its timers, SLA clocks and escalations. */
import { armed, chainsAfter, chainsOfClocks, followed, type BeginChain, type ChainChange } from "../escalations/chains.js";
import type { Outcome, TaskToOpen } from "../model/outcome.js";
import type { Snapshot } from "../model/snapshot.js";
import { ENTERS, snapshotAfter } from "../outcome/snapshot-after.js";
import { changeFacts, viewedTasks } from "../sla/change-facts.js";
import { clocksAfter, type InstanceClock, type SlaChangeFacts, type SlaView } from "../sla/decide.js";
import { hasEnded, momentsOf } from "../sla/ledger.js";
import { announcedAfter, reachedBefore } from "../sla/announcements.js";
import { callsOf } from "./calls.js";
import { effect, type Effect } from "./effects.js";
import type { Chain, Run, RunClock } from "./progress.js";
import { timersAfter } from "./timers.js";
import type { Environment } from "./environment.js";

/** Returns the run after the outcomes of one change, in order. */
export function written(environment: Environment, before: Run, outcomes: readonly Outcome[]): Run {
  const facts: SlaChangeFacts[] = [];
  const run = outcomes.reduce((current, outcome) => {
    const next = after(environment, current, outcome);
    facts.push(factsOf(current, next, outcome));
    return next;
  }, before);
  const made = callsOf(outcomes);
  const sent = made.length === 0 ? run : { ...run, calls: [...run.calls, ...made] };
  return withChains(environment, withClocks(environment, sent, facts), outcomes);
}

function after(environment: Environment, run: Run, settled: Outcome): Run {
  const outcome = { ...settled, openTasks: settled.openTasks.map((task) => routed(task, environment.routes)) };
  const closed = new Set(outcome.closeTasks.map(({ id }) => id));
  const opened = outcome.openTasks.map((task, index) => ({ ...task, id: `${outcome.version.to}-${index}` }));
  const isEntry = ENTERS.has(outcome.kind) || outcome.to !== outcome.from;
  return {
    ...run,
    snapshot: snapshotAfter(run.snapshot, outcome),
    changedAt: outcome.at,
    visited: isEntry ? [...run.visited, outcome.to] : run.visited,
    enteredVersion: isEntry ? outcome.version.to : run.enteredVersion,
    tasks: [...run.tasks.filter(({ id }) => !closed.has(id)).map((task) => offered(task, outcome.offers)), ...opened],
    timers: timersAfter(run.timers, outcome, opened),
    incident: outcome.incident ?? run.incident,
  };
}

/** Open tasks for the assignee are now for the new one. */
function offered(task: Run["tasks"][number], offers: Outcome["offers"]): Run["tasks"][number] {
  const offer = offers?.find(({ id }) => id === task.id);
  if (!offer) return task;
  const { candidateUserIds: users, candidateTeamIds: teams, candidateVendorIds: vendors } = offer;
  return { ...task, candidates: { ...task.candidates, users, teams, vendors } };
}

/** A user whom a route chooses is offered the task instead of the other candidates. */
function routed(task: TaskToOpen, routes: Environment["routes"]): TaskToOpen {
  const chosen = task.route === null ? undefined : routes.get(task.route);
  return chosen ? { ...task, candidates: { roles: [], users: chosen.map(({ id }) => id), teams: [], vendors: [] } } : task;
}

const viewOf = ({ openTasks, ...snapshot }: Snapshot): SlaView => ({ ...snapshot, tasks: viewedTasks(openTasks) });

const factsOf = (before: Run, { snapshot }: Run, outcome: Outcome): SlaChangeFacts =>
  changeFacts(outcome, { before: before.snapshot.version === 0 ? null : viewOf(before.snapshot), after: viewOf(snapshot) });

/** The clocks after the changes, and the chains of those that have changed. */
function withClocks(environment: Environment, run: Run, facts: readonly SlaChangeFacts[]): Run {
  const { sla } = environment;
  if (sla.slas.size === 0) return run;
  const earlier = new Map(run.clocks.map((one) => [one.id, one]));
  const decided = facts.reduce<readonly InstanceClock[]>((clocks, one) => clocksAfter(sla, clocks, one), run.clocks);
  const changed: RunClock[] = [];
  const effects: Effect[] = [];
  const clocks = decided.map((one, index): RunClock => {
    const before = one.id === undefined ? undefined : earlier.get(one.id);
    if (before && one.newEntries.length === 0) return before;
    const announced = announcedAfter(one.clock);
    const reached = reachedBefore(beforeChange(environment, before), announced, one.newEntries[0]);
    if (reached) effects.push(reachedEffect(run, one, reached.reached));
    const clock = { ...one, id: one.id ?? `clock-${index}`, announced, newEntries: [] };
    changed.push(clock);
    return clock;
  });
  const next = { ...run, clocks, effects: [...run.effects, ...effects] };
  const changes = chainsOfClocks({
    rules: [...environment.machine.escalations.values()],
    clocks: changed.map(({ id, rule, taskId, clock }) => {
      const { startedAt, entry } = clock;
      return { id, rule, taskId, clock, startedAt, endedAt: hasEnded(clock) ? entry.at : null };
    }),
    stored: run.chains,
    state: run.snapshot.state,
    calendarOf: sla.calendarOf,
    begin: beginIn(next),
  });
  return withChanges(next, changes);
}

function beforeChange({ sla }: Environment, before: RunClock | undefined) {
  if (!before) return { warnedSeconds: 0, isBreachAnnounced: false, phase: null, dueAt: null };
  const { clock, announced } = before;
  return { ...announced, phase: clock.entry.phase, dueAt: momentsOf(clock, sla.calendarOf)?.dueAt ?? clock.breachedAt };
}

/** The effect of a clock that has reached a warning or its target. */
export const reachedEffect = (run: Run, { rule, taskId }: InstanceClock, reached: "WARNING" | "BREACH"): Effect =>
  effect(reached === "BREACH" ? "SLA_BREACH" : "SLA_WARNING", run.now, rule, {
    task: taskId === null ? null : rule.replace(/^task:/, ""),
  });

/** The chains of states and tasks after the outcomes. */
function withChains({ machine }: Environment, run: Run, outcomes: readonly Outcome[]): Run {
  if (machine.escalations.size === 0) return run;
  const { snapshot, chains, changedAt: at } = run;
  const changes = chainsAfter({
    machine,
    instance: { state: snapshot.state, isOver: snapshot.status === "COMPLETED" || snapshot.status === "CANCELLED" },
    stored: chains.filter(({ endedAt }) => endedAt === null),
    outcomes,
    open: new Map(snapshot.openTasks.map(({ id, rule }) => [id, rule])),
    at,
    begin: beginIn(run),
  });
  return withChanges(run, changes);
}

function beginIn({ chains }: Run): BeginChain<Chain> {
  let begun = chains.length;
  return (chain) => ({ ...chain, id: `chain-${begun++}` });
}

/** Sets the timers of the next levels, after clearing those of all chains that change. */
function withChanges(run: Run, changes: readonly ChainChange<Chain>[]): Run {
  if (changes.length === 0) return run;
  const rows = new Map<unknown, Chain>(changes.map(({ row }) => [row.id, row]));
  const known = new Set(run.chains.map(({ id }) => id));
  const timers = changes.flatMap(({ row, timer }) =>
    timer
      ? [
          {
            kind: "ESCALATION" as const,
            name: row.chain,
            payload: { runId: row.id, level: row.nextLevel },
            ...timer,
            ...(row.taskId !== null && { taskId: row.taskId }),
          },
        ]
      : [],
  );
  return {
    ...run,
    chains: [...run.chains.map((chain) => rows.get(chain.id) ?? chain), ...[...rows.values()].filter(({ id }) => !known.has(id))],
    timers: [...run.timers.filter(({ kind, payload }) => kind !== "ESCALATION" || !rows.has(payload["runId"])), ...timers],
  };
}

/** Sets the timer of the next level of a chain, after another of its levels. */
export function withNextLevel({ machine, sla }: Environment, run: Run, id: string): Run {
  const chain = run.chains.find((one) => one.id === id);
  const rule = chain && machine.escalations.get(chain.chain);
  if (!chain || !rule || chain.endedAt !== null) return run;
  const { state } = run.snapshot;
  if (chain.clockId === null) return withChanges(run, [armed(chain, rule, { machine, state, at: run.changedAt })]);
  const found = run.clocks.find((one) => one.id === chain.clockId);
  return found ? withChanges(run, [followed(chain, rule, { clock: found.clock, state, calendarOf: sla.calendarOf })]) : run;
}
