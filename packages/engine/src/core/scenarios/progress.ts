import type { Actor } from "../model/actor.js";
import type { NewIncident } from "../model/incident.js";
import { isAmong, isOfNobody } from "../authorization/offered.js";
import type { ChainRun } from "../escalations/chains.js";
import type { TaskToOpen } from "../model/outcome.js";
import type { Path } from "../model/problems.js";
import type { Snapshot } from "../model/snapshot.js";
import type { InstanceClock } from "../sla/decide.js";
import type { Announced } from "../sla/announcements.js";
import type { CheckedItems } from "../tasks/checklist.js";
import type { MadeCall } from "./calls.js";
import type { Effect } from "./effects.js";
import type { SetTimer } from "./timers.js";

/** An open task with the information that the snapshot lacks. */
export type OpenTask = TaskToOpen & { readonly id: string };

export type RunClock = InstanceClock & { readonly id: string; readonly announced: Announced };

export type Chain = ChainRun & { readonly id: string };

/** The progress of an instance in memory: of a scenario, or of a simulation. */
export type Run = {
  readonly snapshot: Snapshot;
  readonly now: string;
  /** Time of the newest outcome. */
  readonly changedAt: string;
  readonly visited: readonly string[];
  /** Version that entered the state, also the same one again. */
  readonly enteredVersion: number;
  readonly tasks: readonly OpenTask[];
  /** IDs of the tasks whose deadline has passed. */
  readonly overdue: ReadonlySet<string>;
  readonly checkedItems: CheckedItems;
  readonly incident: NewIncident | null;
  /** The set timers, in the order in which they were set. */
  readonly timers: readonly SetTimer[];
  /** The SLA clocks, oldest first. */
  readonly clocks: readonly RunClock[];
  /** The chains of escalations, oldest first, also those that have ended. */
  readonly chains: readonly Chain[];
  /** The calls that it has made, oldest first. */
  readonly calls: readonly MadeCall[];
  /** What has happened by itself as time passed, in order. */
  readonly effects: readonly Effect[];
};

/** An instance before its start. */
export function blankRun(snapshot: Omit<Snapshot, "status" | "data" | "version" | "openTasks">, now: string): Run {
  return {
    snapshot: { ...snapshot, status: "RUNNING", data: {}, version: 0, openTasks: [] },
    now,
    changedAt: now,
    visited: [],
    enteredVersion: 0,
    tasks: [],
    overdue: new Set(),
    checkedItems: new Map(),
    incident: null,
    timers: [],
    clocks: [],
    chains: [],
    calls: [],
    effects: [],
  };
}

/** `path` leads to the step or expectation in the definition. */
export type ScenarioFailure = { readonly path: Path; readonly message: string };

/** Whether only users who manage tasks can see and take it. Whom a route chooses is not known here. */
export const namesNobody = ({ candidates, route }: OpenTask): boolean => route === null && isOfNobody(candidates);

/** Tasks are offered as in a queue: to the candidates that they name. */
export const isOffered = ({ candidates }: OpenTask, actor: Actor): boolean => isAmong(candidates, actor);

export type ScenarioResult = {
  readonly name: string;
  /** Empty: it passed. A step that fails is the last one. */
  readonly failures: readonly ScenarioFailure[];
  readonly end: Pick<Run, "visited" | "snapshot"> | null;
};
