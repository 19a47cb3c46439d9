/** Turns a draft into its outcome. The data is validated against its schema once, at the end. */
import { childrenToStart, startsChildren } from "../children/children.js";
import { pathText } from "../model/condition.js";
import type { JsonObject } from "../model/json.js";
import type { Machine, MachineState } from "../model/machine.js";
import { contextOfDraft, type Draft } from "./draft.js";
import { openedBy } from "./open-tasks.js";
import { dataChanges, type FireResult, type Outcome } from "../model/outcome.js";
import { quote } from "../model/problems.js";
import { badInput, type InputProblem } from "../model/rejection.js";
import { validateData } from "../schema/validate.js";
import type { FinalKind, InstanceStatus, Snapshot } from "../model/snapshot.js";

export type Before = Pick<Snapshot, "ownerId" | "teamId" | "assignee" | "version" | "data" | "openTasks">;

/** Returns an empty draft with the previous data and tasks. `entry.state` is the state that is entered. */
export function draftOf(machine: Machine, before: Before, entry: Pick<Draft, "actor" | "now" | "state" | "input" | "comment">): Draft {
  const { actor, now, state, input, comment } = entry;
  const stillOpen = new Map(before.openTasks.map((task) => [task.id, task]));
  return {
    data: before.data,
    subject: before,
    actor,
    now,
    showId: machine.showId,
    calendars: machine.calendars,
    readId: machine.readId,
    state,
    input,
    comment,
    stillOpen,
    closeTasks: [],
    openTasks: [],
    events: [],
    calls: [],
    notices: [],
    starts: [],
    isAssigned: false,
    problems: [],
  };
}

type Step = {
  kind: "start" | "transition" | "vote" | "rollback" | "timer";
  before: Before;
  from: string | null;
  to: MachineState;
  transition: string | null;
};

/**
 * Returns the outcome of a draft whose actions have run. BAD_USER_INPUT if its data does not match the schema, if an action failed, or if nobody
 * could vote.
 */
export function finish(machine: Machine, draft: Draft, { kind, before, from, to, transition }: Step): FireResult {
  const entersState = kind !== "vote" && kind !== "timer";
  // Unchanged data is not validated again: it was validated when it was written.
  const broken =
    kind !== "start" && draft.data === before.data
      ? []
      : validateData(machine.data, draft.data).map((problem) => renamed(problem, draft.input));
  const problems = [...broken, ...draft.problems, ...(entersState ? nobodyToDecide(to, draft) : [])];
  if (problems.length > 0) return badInput(problems);
  const changes = kind === "start" ? { data: draft.data, patch: draft.data, removed: [] } : dataChanges(before.data, draft.data);
  return {
    ok: true,
    outcome: {
      kind,
      from,
      to: to.name,
      version: { from: before.version, to: before.version + 1 },
      transition,
      status: statusOf(to.final),
      outcome: to.final,
      ...(entersState && closing(machine.states.get(from ?? ""), to)),
      dataChanges: changes,
      closeTasks: draft.closeTasks,
      // Nobody could complete a task of an instance that has ended.
      openTasks: to.final ? [] : openedBy(draft),
      startChildren: !entersState || to.final || to.children.length === 0 ? [] : childrenToStart(to, contextOfDraft(draft)),
      cancelsChildren: entersState && startsChildren(machine, from),
      ...(entersState && to.run && { startsRun: true as const }),
      ...(entersState && runsSteps(machine, from) && { stopsRun: true as const }),
      incident: null,
      isAutomatic: false,
      taskId: null,
      events: draft.events,
      ...(draft.calls.length > 0 && { calls: draft.calls }),
      ...(draft.notices.length > 0 && { notices: draft.notices }),
      ...(draft.starts.length > 0 && { starts: draft.starts }),
      // An instance that has ended keeps its assignee.
      ...(draft.isAssigned && !to.final && { assigns: { to: draft.subject.assignee } }),
      timersToSet: [],
      timersToClear: [],
      actorId: draft.actor.id,
      onBehalfOf: draft.actor.onBehalfOf ?? null,
      comment: draft.comment,
      input: draft.input,
      at: draft.now,
    },
  };
}

/** Says whether a change of the state closes or reopens the instance. Empty if it does neither. */
const closing = (from: MachineState | undefined, to: MachineState): Pick<Outcome, "isClosed"> =>
  to.final !== null || to.isClosed === (from?.isClosed ?? false) ? {} : { isClosed: to.isClosed };

/** Whether a run of the state's steps can be going on. */
export const runsSteps = (machine: Machine, state: string | null): boolean =>
  state !== null && (machine.states.get(state)?.run ?? null) !== null;

/** Without a user who can vote, the state would never be decided. */
function nobodyToDecide({ name, decide, tasks }: MachineState, { openTasks }: Draft): InputProblem[] {
  if (!decide || openTasks.some(({ rule }) => tasks.some((task) => task.rule === rule))) return [];
  const lists = tasks.flatMap(({ each }) => (each && "path" in each ? [pathText(each.path)] : []));
  return [
    {
      path: lists[0] ?? "data",
      message: `The state ${quote(name)} decides by votes, but ${lists.join(" and ")} contains nobody who could vote.`,
    },
  ];
}

function statusOf(final: FinalKind | null): InstanceStatus {
  if (final === null) return "RUNNING";
  return final === "cancelled" ? "CANCELLED" : "COMPLETED";
}

/** A problem of a value that came in as input is reported where the client wrote it. */
function renamed(problem: InputProblem, input: JsonObject | null): InputProblem {
  const name = /^data\.([A-Za-z_][A-Za-z0-9_-]*)/.exec(problem.path)?.[1];
  if (name === undefined || !input || !Object.hasOwn(input, name)) return problem;
  return { ...problem, path: `input${problem.path.slice("data".length)}` };
}
