import type { Actor } from "./actor.js";
import type { ReadId, ShowId } from "./compile-options.js";
import { contextOf, type Context } from "./conditions/context.js";
import type { JsonObject } from "./json.js";
import type { EventToEmit, TaskToClose, TaskToOpen } from "./outcome.js";
import type { InputProblem } from "./rejection.js";
import type { Snapshot, SnapshotTask } from "./snapshot.js";

export type Subject = Pick<Snapshot, "ownerId" | "teamId" | "assignee" | "version">;

/** One move in the making. `state` is the state that is entered. */
export type Draft = {
  data: JsonObject;
  readonly state: string;
  readonly subject: Subject;
  readonly actor: Actor;
  readonly now: string;
  readonly showId: ShowId | undefined;
  readonly readId: ReadId | undefined;
  readonly input: JsonObject | null;
  readonly comment: string | null;
  readonly stillOpen: Map<string, SnapshotTask>;
  readonly closeTasks: TaskToClose[];
  readonly openTasks: TaskToOpen[];
  readonly events: EventToEmit[];
  readonly problems: InputProblem[];
};

/** What conditions and templates see of the move at this moment. */
export function contextOfDraft({ data, state, subject, actor, now, showId, input, comment }: Draft): Context {
  return contextOf({ ...subject, state }, { data, actor, now, showId, input, comment });
}
