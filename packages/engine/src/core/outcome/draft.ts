/**
 * Outcome: builds the outcome of a transition. A draft collects the effects of its actions; `finish` validates the data and returns the outcome.
 * Nothing outside the draft changes.
 * This module never decides whether the transition is allowed, and never writes anything.
 */
import type { Actor, Principal } from "../model/actor.js";
import type { Calendars } from "../model/calendar.js";
import type { ReadId, ShowId } from "../model/compile-options.js";
import { contextOf, type Context } from "../conditions/context.js";
import type { JsonObject } from "../model/json.js";
import type { CallToMake, EventToEmit, NoticeToSend, StartToRequest, TaskToClose, TaskToOpen } from "../model/outcome.js";
import type { InputProblem } from "../model/rejection.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";

export type Subject = Pick<Snapshot, "ownerId" | "teamId" | "assignee" | "requestType" | "version">;

/** A task to open, whose candidates can include the assignee: who that is, the actions that follow can still change. */
export type DraftTask = Omit<TaskToOpen, "candidates"> & {
  readonly candidates: { readonly roles: readonly string[]; readonly principals: readonly (Principal | "assignee")[] };
};

/** A change under construction. `state` is the state that is entered. */
export type Draft = {
  data: JsonObject;
  readonly state: string;
  subject: Subject;
  readonly actor: Actor;
  readonly now: string;
  readonly showId: ShowId | undefined;
  readonly calendars: Calendars | null;
  readonly readId: ReadId | undefined;
  readonly input: JsonObject | null;
  readonly comment: string | null;
  readonly stillOpen: Map<string, SnapshotTask>;
  readonly closeTasks: TaskToClose[];
  readonly openTasks: DraftTask[];
  readonly events: EventToEmit[];
  readonly calls: CallToMake[];
  readonly notices: NoticeToSend[];
  readonly starts: StartToRequest[];
  /** Whether an action has assigned the instance: `subject.assignee` is then the new assignee. */
  isAssigned: boolean;
  readonly problems: InputProblem[];
};

/** Returns what conditions and templates see of the draft at this moment. */
export function contextOfDraft({ data, state, subject, actor, now, showId, calendars, input, comment }: Draft): Context {
  return contextOf({ ...subject, state }, { data, actor, now, showId, calendars, input, comment });
}
