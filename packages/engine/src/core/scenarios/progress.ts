import type { Actor } from "../actor.js";
import type { NewIncident } from "../incident.js";
import { isAmong, isOfNobody } from "../offered.js";
import type { TaskToOpen } from "../outcome.js";
import type { Path } from "../problems.js";
import type { Snapshot } from "../snapshot.js";
import type { Ticks } from "../ticks.js";
import type { Given } from "./scenario.js";

/** An open task with what the snapshot does not have. */
export type OpenTask = TaskToOpen & { readonly id: string };

/** How far a scenario has come. */
export type Run = {
  readonly snapshot: Snapshot;
  readonly now: string;
  readonly visited: readonly string[];
  readonly tasks: readonly OpenTask[];
  readonly ticks: Ticks;
  readonly incident: NewIncident | null;
  /** As given. */
  readonly routes: Given["routes"];
};

/** `path` leads to the step or expectation in the definition. */
export type ScenarioFailure = { readonly path: Path; readonly message: string };

/** Whether only who manages tasks sees it, and may take it; whom a route chooses is not known here. */
export const namesNobody = ({ candidates, route }: OpenTask): boolean => route === null && isOfNobody(candidates);

/** As a queue offers tasks: to those whom it names. */
export const isOffered = ({ candidates }: OpenTask, actor: Actor): boolean => isAmong(candidates, actor);
