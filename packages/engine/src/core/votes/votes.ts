/**
 * Votes: in a state with `decide`, completing a task is a vote for a transition. Decides which transition has enough votes.
 * Votes count among the tasks of one entry into the state. Nobody votes twice there, neither in person nor through others.
 * This module never writes a vote and never counts tasks of an earlier entry.
 */
import type { Decide, Machine, Transition } from "../model/machine.js";
import { quote } from "../model/problems.js";
import { isOffered } from "../authorization/offered.js";
import { ownPeople, peopleBehind } from "../authorization/people.js";
import type { Actor } from "../model/actor.js";
import type { Reason } from "../model/rejection.js";
import type { Snapshot, SnapshotTask, SnapshotVote } from "../model/snapshot.js";

/** Maximum number of tasks of one rule, and of tasks that one transition can open. */
export const MAX_COPIES = 100;
export const MAX_OPENED = 200;

/** Returns how the current state decides by this transition; null if users fire it. */
export function decidedBy(machine: Machine, state: string, transition: string): Decide | null {
  const decide = machine.states.get(state)?.decide ?? null;
  return decide && (decide.needed.has(transition) || decide.otherwise === transition) ? decide : null;
}

/** Returns the open tasks whose completion counts. */
export function votingTasks(machine: Machine, { state, openTasks }: Pick<Snapshot, "state" | "openTasks">): readonly SnapshotTask[] {
  const rules = new Set(machine.states.get(state)?.tasks.map(({ rule }) => rule));
  return openTasks.filter((task) => task.state === state && rules.has(task.rule));
}

/** Returns why the actor cannot vote for this transition now. Empty if votes do not decide it, or if the actor can vote. */
export function voteReasons(
  machine: Machine,
  snapshot: Snapshot,
  transition: Transition,
  asked: { actor: Actor; taskId?: string | undefined },
): Reason[] {
  const decide = decidedBy(machine, snapshot.state, transition.name);
  if (!decide) return [];
  const reason = (message: string): Reason[] => [{ rule: "votes", message }];
  const state = machine.states.get(snapshot.state);
  const here = quote(state?.title ?? snapshot.state);
  if (decide.otherwise === transition.name)
    return reason(`${quote(transition.title)} fires automatically when the votes have decided nothing. Users cannot fire it.`);
  if (asked.taskId === undefined)
    return reason(
      `${quote(transition.title)} is decided by votes (${tally(machine, snapshot, transition)}). To vote for it, complete a task of the state ${here} with this transition.`,
    );
  const task = snapshot.openTasks.find(({ id }) => id === asked.taskId);
  // The rule about claims reports this.
  if (!task) return [];
  if (!votingTasks(machine, snapshot).includes(task)) return reason(`The task ${quote(task.title)} has no vote in the state ${here}.`);
  const reasons: Reason[] = [];
  if (!mayVoteWith(task, asked.actor)) reasons.push(...reason(`The task ${quote(task.title)} is not offered to you.`));
  const people = peopleBehind(snapshot, asked);
  const before = decide.isRepeatable ? undefined : (snapshot.votes ?? []).find(({ by }) => by.some((id) => people.has(id)));
  if (before) {
    const who = before.by.includes(asked.actor.id) ? "You have" : "A user for whom you act has";
    reasons.push(
      ...reason(
        `${who} already voted here, for ${quote(state?.transitions.get(before.transition)?.title ?? before.transition)}. Each user has one vote.`,
      ),
    );
  }
  return reasons;
}

/** Returns how many votes a transition needs, in words. */
function tally(machine: Machine, snapshot: Snapshot, { name }: Transition): string {
  const need = machine.states.get(snapshot.state)?.decide?.needed.get(name);
  return need === undefined
    ? ""
    : need === "all"
      ? "all votes are required"
      : need === 1
        ? "one vote is enough"
        : `${need} votes are required`;
}

/** Whether the task belongs to the actor or is offered to them. Being allowed to fire the transition or to manage tasks is not enough for a vote. */
function mayVoteWith(task: SnapshotTask, actor: Actor): boolean {
  return task.assigneeId === null ? isOffered(task, actor) : ownPeople(actor).has(task.assigneeId);
}

/** Whether this vote gives the transition the required number. */
export function decides(machine: Machine, snapshot: Snapshot, transition: Transition): boolean {
  const need = machine.states.get(snapshot.state)?.decide?.needed.get(transition.name);
  if (need === undefined) return false;
  const votes = snapshot.votes ?? [];
  const all = votes.length + votingTasks(machine, snapshot).length;
  return 1 + votes.filter((vote) => vote.transition === transition.name).length >= (need === "all" ? all : need);
}

/** Returns the transition for the case that all votes have been cast and decide nothing. */
export function undecided(machine: Machine, snapshot: Snapshot): Transition | undefined {
  const state = machine.states.get(snapshot.state);
  const otherwise = state?.decide?.otherwise ?? null;
  if (otherwise === null || !snapshot.votes || snapshot.votes.length === 0) return undefined;
  return votingTasks(machine, snapshot).length === 0 ? state?.transitions.get(otherwise) : undefined;
}

/** Returns the vote as later votes are counted with it. */
export function voteOf(snapshot: Snapshot, transition: string, asked: { actor: Actor; taskId: string }): SnapshotVote {
  const rule = snapshot.openTasks.find(({ id }) => id === asked.taskId)?.rule ?? "";
  return { rule, transition, by: [...peopleBehind(snapshot, asked)] };
}
