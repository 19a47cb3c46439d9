/**
 * Votes: in a state with `decide`, completing a task says which transition is wanted, and that one fires as soon as it has its number. Votes count among
 * the tasks of one entry into the state; whoever has voted there, himself or through others, votes no second time.
 */
import type { Decide, Machine, Transition } from "./machine.js";
import { quote } from "./problems.js";
import { isOffered } from "./offered.js";
import { ownPeople, peopleBehind } from "./people.js";
import type { Actor } from "./actor.js";
import type { Reason } from "./rejection.js";
import type { Snapshot, SnapshotTask, SnapshotVote } from "./snapshot.js";

/** Of one rule; and so many tasks at most may one move open. */
export const MAX_COPIES = 100;
export const MAX_OPENED = 200;

/** How the present state decides by this transition; null when people fire it. */
export function decidedBy(machine: Machine, state: string, transition: string): Decide | null {
  const decide = machine.states.get(state)?.decide ?? null;
  return decide && (decide.needed.has(transition) || decide.otherwise === transition) ? decide : null;
}

/** The open tasks whose completion counts. */
export function votingTasks(machine: Machine, { state, openTasks }: Pick<Snapshot, "state" | "openTasks">): readonly SnapshotTask[] {
  const rules = new Set(machine.states.get(state)?.tasks.map(({ rule }) => rule));
  return openTasks.filter((task) => task.state === state && rules.has(task.rule));
}

/** Why the actor cannot vote for this transition now; empty where votes do not decide it, or he can. */
export function voteReasons(
  machine: Machine,
  snapshot: Snapshot,
  transition: Transition,
  asked: { actor: Actor; taskId?: string | undefined },
): Reason[] {
  const decide = decidedBy(machine, snapshot.state, transition.name);
  if (!decide) return [];
  const reason = (message: string): Reason[] => [{ rule: "votes", message }];
  if (decide.otherwise === transition.name)
    return reason(`${quote(transition.name)} fires by itself when the votes have decided nothing; nobody fires it.`);
  if (asked.taskId === undefined)
    return reason(
      `${quote(transition.name)} is decided by votes (${tally(machine, snapshot, transition)}). Complete a task of the state ${quote(snapshot.state)} with it.`,
    );
  const task = snapshot.openTasks.find(({ id }) => id === asked.taskId);
  // Said by the rule about claims.
  if (!task) return [];
  if (!votingTasks(machine, snapshot).includes(task))
    return reason(`The task ${quote(task.title)} has no vote in the state ${quote(snapshot.state)}.`);
  const reasons: Reason[] = [];
  if (!mayVoteWith(task, asked.actor)) reasons.push(...reason(`The task ${quote(task.title)} is not offered to you.`));
  const people = peopleBehind(snapshot, asked);
  const before = decide.isRepeatable ? undefined : (snapshot.votes ?? []).find(({ by }) => by.some((id) => people.has(id)));
  if (before) {
    const who = before.by.includes(asked.actor.id) ? "You have" : "Somebody in whose place you act has";
    reasons.push(...reason(`${who} voted here already, for ${quote(before.transition)}: each person has one vote.`));
  }
  return reasons;
}

/** How many votes a transition needs, in words. */
function tally(machine: Machine, snapshot: Snapshot, { name }: Transition): string {
  const need = machine.states.get(snapshot.state)?.decide?.needed.get(name);
  return need === undefined ? "" : need === "all" ? "all of them" : need === 1 ? "one suffices" : `it needs ${need}`;
}

/** Whose task it is, or to whom it is offered: with a vote it is not enough to be allowed the transition, or to manage tasks. */
function mayVoteWith(task: SnapshotTask, actor: Actor): boolean {
  return task.assigneeId === null ? isOffered(task, actor) : ownPeople(actor).has(task.assigneeId);
}

/** Whether this vote gives the transition its number. */
export function decides(machine: Machine, snapshot: Snapshot, transition: Transition): boolean {
  const need = machine.states.get(snapshot.state)?.decide?.needed.get(transition.name);
  if (need === undefined) return false;
  const votes = snapshot.votes ?? [];
  const all = votes.length + votingTasks(machine, snapshot).length;
  return 1 + votes.filter((vote) => vote.transition === transition.name).length >= (need === "all" ? all : need);
}

/** The transition for votes that have all been cast and decide nothing. */
export function undecided(machine: Machine, snapshot: Snapshot): Transition | undefined {
  const state = machine.states.get(snapshot.state);
  const otherwise = state?.decide?.otherwise ?? null;
  if (otherwise === null || !snapshot.votes || snapshot.votes.length === 0) return undefined;
  return votingTasks(machine, snapshot).length === 0 ? state?.transitions.get(otherwise) : undefined;
}

/** The vote as later ones are counted with it. */
export function voteOf(snapshot: Snapshot, transition: string, asked: { actor: Actor; taskId: string }): SnapshotVote {
  const rule = snapshot.openTasks.find(({ id }) => id === asked.taskId)?.rule ?? "";
  return { rule, transition, by: [...peopleBehind(snapshot, asked)] };
}
