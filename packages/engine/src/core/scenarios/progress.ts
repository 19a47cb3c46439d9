import type { Actor } from "../model/actor.js";
import type { NewIncident } from "../model/incident.js";
import { isAmong, isOfNobody } from "../authorization/offered.js";
import type { TaskToOpen } from "../model/outcome.js";
import type { Path } from "../model/problems.js";
import type { Snapshot } from "../model/snapshot.js";
import type { CheckedItems } from "../tasks/checklist.js";
import type { SetTimer } from "./timers.js";
import type { Given } from "../model/scenarios/scenario.js";

/** An open task with the information that the snapshot lacks. */
export type OpenTask = TaskToOpen & { readonly id: string };

/** The progress of a scenario. */
export type Run = {
  readonly snapshot: Snapshot;
  readonly now: string;
  readonly visited: readonly string[];
  readonly tasks: readonly OpenTask[];
  readonly checkedItems: CheckedItems;
  readonly incident: NewIncident | null;
  /** The set timers, in the order in which they were set. */
  readonly timers: readonly SetTimer[];
  /** As given. */
  readonly routes: Given["routes"];
};

/** `path` leads to the step or expectation in the definition. */
export type ScenarioFailure = { readonly path: Path; readonly message: string };

/** Whether only users who manage tasks can see and take it. Whom a route chooses is not known here. */
export const namesNobody = ({ candidates, route }: OpenTask): boolean => route === null && isOfNobody(candidates);

/** Tasks are offered as in a queue: to the candidates that they name. */
export const isOffered = ({ candidates }: OpenTask, actor: Actor): boolean => isAmong(candidates, actor);
