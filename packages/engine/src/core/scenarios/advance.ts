/** Advances the clock of an instance in memory: what is due happens in the order in which the engine does it. */
import { dueTimerOf, fireTimer } from "../automatic/fire-timer.js";
import { calendarNamed, DEFAULT_CALENDARS } from "../calendar/compile.js";
import { addPeriod } from "../calendar/periods.js";
import type { Period } from "../model/calendar.js";
import { momentsOf, standingOf } from "../sla/ledger.js";
import { announce, nextAnnouncement } from "../sla/announcements.js";
import { systemActor } from "../timers/system-actor.js";
import { effect } from "./effects.js";
import { fireLevel } from "./level.js";
import type { OpenTask, Run, RunClock } from "./progress.js";
import { nextDue, type SetTimer } from "./timers.js";
import type { Environment } from "./environment.js";
import { reachedEffect, written } from "./written.js";

/** More would be a loop without an end. */
const MAX_EFFECTS = 1_000;

/** Advances the clock by a period, with a pause after each effect. Returns the run, or why that is not possible. */
export function* advance(environment: Environment, run: Run, period: Period): Generator<null, Run | string, void> {
  const { calendar, calendars } = environment.machine;
  const until = addPeriod(calendarNamed(calendars ?? DEFAULT_CALENDARS, calendar), run.now, period);
  return until === null ? "The calendar has too little working time to advance the clock." : yield* advanceTo(environment, run, until);
}

function* advanceTo(environment: Environment, before: Run, until: string): Generator<null, Run | string, void> {
  let run = before;
  for (let done = 0; done <= MAX_EFFECTS; done++) {
    const next = nextEffect(environment, run, until);
    if (!next) return { ...run, now: until };
    run = next;
    yield null;
  }
  return `More than ${MAX_EFFECTS} timers would fire in this time.`;
}

/**
 * Of what is due at one time, timers and levels of escalations come first, then deadlines of tasks, then clocks: the order of the engine's sources of due
 * work. Timers and deadlines of an instance that does not run are due when it does again.
 */
function nextEffect(environment: Environment, run: Run, until: string): Run | null {
  const isRunning = run.snapshot.status === "RUNNING";
  const timer = isRunning ? nextDue(run.timers, until) : undefined;
  const task = isRunning ? nextDeadline(run, until) : undefined;
  const clock = nextClock(environment, run, until);
  const times = [timer?.dueAt, task?.dueAt, clock?.at].flatMap((at) => (typeof at === "string" ? [Date.parse(at)] : []));
  if (times.length === 0) return null;
  const at = Math.max(Date.parse(run.now), Math.min(...times));
  const current = at === Date.parse(run.now) ? run : { ...run, now: new Date(at).toISOString() };
  if (timer && Date.parse(timer.dueAt) <= at) return fired(environment, current, timer);
  if (task && Date.parse(task.dueAt ?? "") <= at) return overdue(current, task);
  return clock ? announced(environment, current, clock.one) : null;
}

function fired(environment: Environment, before: Run, timer: SetTimer): Run {
  const { kind, name, taskId = null } = timer;
  const run = { ...before, timers: before.timers.filter((one) => one !== timer) };
  if (kind !== "STATE" && kind !== "TASK") return fireLevel(environment, run, timer);
  const result = fireTimer(environment.machine, run.snapshot, dueTimerOf(timer, kind), { actor: systemActor, now: run.now });
  const facts = { task: run.tasks.find(({ id }) => id === taskId)?.rule ?? null };
  switch (result.kind) {
    case "waits":
      return run;
    case "skipped":
      return { ...run, effects: [...run.effects, effect("TIMER", run.now, name, { ...facts, outcome: "SKIPPED", reason: result.reason })] };
    case "reminded": {
      const timers = result.next ? [...run.timers, result.next] : run.timers;
      return { ...run, timers, effects: [...run.effects, effect("TIMER", run.now, name, facts)] };
    }
    case "fired": {
      const { outcomes } = result;
      const incident = outcomes[0].incident?.message;
      const failure = incident === undefined ? {} : ({ outcome: "FAILED", reason: incident } as const);
      const effects = [...run.effects, effect("TIMER", run.now, name, { ...facts, outcomes, ...failure })];
      return written(environment, { ...run, effects }, outcomes);
    }
    default:
      return result satisfies never;
  }
}

/** The open task whose deadline passes first, until a time. */
function nextDeadline({ tasks, overdue: passed }: Run, until: string): OpenTask | undefined {
  const due = tasks.filter(({ id, dueAt }) => dueAt !== null && !passed.has(id) && Date.parse(dueAt) <= Date.parse(until));
  return due.toSorted((a, b) => Date.parse(a.dueAt ?? "") - Date.parse(b.dueAt ?? ""))[0];
}

const overdue = (run: Run, { id, rule }: OpenTask): Run => ({
  ...run,
  overdue: new Set([...run.overdue, id]),
  effects: [...run.effects, effect("TASK_OVERDUE", run.now, rule, { task: rule })],
});

/** The clock that reaches a warning or its target first, until a time. */
function nextClock({ sla }: Environment, { clocks }: Run, until: string): { readonly one: RunClock; readonly at: string } | undefined {
  const due = clocks.flatMap((one) => {
    const moments = momentsOf(one.clock, sla.calendarOf);
    const at = moments && nextAnnouncement(moments, one.announced);
    return at !== null && Date.parse(at) <= Date.parse(until) ? [{ one, at }] : [];
  });
  return due.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))[0];
}

function announced({ sla }: Environment, run: Run, one: RunClock): Run {
  const { consumed } = standingOf(one.clock, run.now, sla.calendarOf);
  const { announced: after, reached, breachedAt } = announce(one.clock, one.announced, consumed, sla.calendarOf);
  const clock = { ...one, announced: after, clock: { ...one.clock, breachedAt } };
  const effects = reached ? [...run.effects, reachedEffect(run, one, reached)] : run.effects;
  return { ...run, effects, clocks: run.clocks.map((other) => (other === one ? clock : other)) };
}
