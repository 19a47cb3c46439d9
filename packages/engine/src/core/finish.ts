/** From the draft of a move to its outcome: the data is held to its schema once, at the end. */
import { childrenToStart, startsChildren } from "./children.js";
import { pathText } from "./conditions/tree.js";
import type { JsonObject } from "./json.js";
import type { Machine, MachineState } from "./machine.js";
import { contextOfDraft, type Draft } from "./draft.js";
import { dataChanges, type FireResult } from "./outcome.js";
import { quote } from "./problems.js";
import { badInput, type InputProblem } from "./rejection.js";
import { validateData } from "./schema/validate.js";
import type { FinalKind, InstanceStatus, Snapshot } from "./snapshot.js";

export type Before = Pick<Snapshot, "ownerId" | "teamId" | "assignee" | "version" | "data" | "openTasks">;

/** A move that has not begun: the data and tasks of before. `move.state` is the state that it enters. */
export function draftOf(machine: Machine, before: Before, move: Pick<Draft, "actor" | "now" | "state" | "input" | "comment">): Draft {
  const { actor, now, state, input, comment } = move;
  const stillOpen = new Map(before.openTasks.map((task) => [task.id, task]));
  return {
    data: before.data,
    subject: before,
    actor,
    now,
    showId: machine.showId,
    readId: machine.readId,
    state,
    input,
    comment,
    stillOpen,
    closeTasks: [],
    openTasks: [],
    events: [],
    problems: [],
  };
}

type Step = {
  kind: "start" | "transition" | "vote" | "rollback";
  before: Before;
  from: string | null;
  to: MachineState;
  transition: string | null;
};

/** The outcome of a draft whose actions have run. BAD_USER_INPUT when its data does not fit their schema, when an action went wrong, or when nobody could vote. */
export function finish(machine: Machine, draft: Draft, { kind, before, from, to, transition }: Step): FireResult {
  // Unchanged data is not validated again: it was when it was written.
  const broken =
    kind !== "start" && draft.data === before.data
      ? []
      : validateData(machine.data, draft.data).map((problem) => renamed(problem, draft.input));
  const problems = [...broken, ...draft.problems, ...(kind === "vote" ? [] : nobodyToDecide(to, draft))];
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
      dataChanges: changes,
      closeTasks: draft.closeTasks,
      // Nobody could complete a task of an instance that has ended.
      openTasks: to.final ? [] : draft.openTasks,
      startChildren: kind === "vote" || to.final || to.children.length === 0 ? [] : childrenToStart(to, contextOfDraft(draft)),
      cancelsChildren: kind !== "vote" && startsChildren(machine, from),
      incident: null,
      isAutomatic: false,
      taskId: null,
      events: draft.events,
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

/** Votes that nobody can cast would never be counted. */
function nobodyToDecide({ name, decide, tasks }: MachineState, { openTasks }: Draft): InputProblem[] {
  if (!decide || openTasks.some(({ rule }) => tasks.some((task) => task.rule === rule))) return [];
  const lists = tasks.flatMap(({ each }) => (each && "path" in each ? [pathText(each.path)] : []));
  return [
    {
      path: lists[0] ?? "data",
      message: `The state ${quote(name)} decides by votes, but ${lists.join(" and ")} names nobody who could vote.`,
    },
  ];
}

function statusOf(final: FinalKind | null): InstanceStatus {
  if (final === null) return "RUNNING";
  return final === "cancelled" ? "CANCELLED" : "COMPLETED";
}

/** A value that came in as input is blamed where its sender wrote it. */
function renamed(problem: InputProblem, input: JsonObject | null): InputProblem {
  const name = /^data\.([A-Za-z_][A-Za-z0-9_-]*)/.exec(problem.path)?.[1];
  if (name === undefined || !input || !Object.hasOwn(input, name)) return problem;
  return { ...problem, path: `input${problem.path.slice("data".length)}` };
}
