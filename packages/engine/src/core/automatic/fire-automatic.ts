/**
 * Automatic transitions: decides what follows from a transition without a person, one step after the other, until the instance rests.
 * A chain that has no end, or cannot continue, becomes an incident.
 * This module never undoes the transition that the chain began with.
 */
import { childrenThatFollow, collectResults, evaluateJoin, tooManyChildren } from "../children/children.js";
import { MAX_CHILDREN } from "../children/limits.js";
import { disorderOf, isOrdered } from "../children/order.js";
import { conditionHolds } from "../transition/guards.js";
import { applyTransition } from "../transition/fire.js";
import { withFormerAssignees } from "../authorization/people.js";
import { assignment } from "../instance/assign.js";
import type { CandidateChange } from "../model/candidate-change.js";
import type { NewIncident } from "../model/incident.js";
import type { Machine, Transition } from "../model/machine.js";
import { quote } from "../model/problems.js";
import { ENTERS, snapshotAfter } from "../outcome/snapshot-after.js";
import { isSamePrincipal, type Actor } from "../model/actor.js";
import { type ChildToStart, unchanged, type Outcome, type OutcomeKind } from "../model/outcome.js";
import type { Snapshot } from "../model/snapshot.js";
import { withTimers } from "./with-timers.js";
import { undecided } from "../votes/votes.js";

/** Maximum number of automatic transitions after one transition. More count as a loop. */
export const MAX_AUTOMATIC = 50;

/** Kinds of changes that trigger no automatic transition: they change nothing that a condition reads, or they stop the instance. */
const WITHOUT_FOLLOW_UP: ReadonlySet<OutcomeKind> = new Set(["comment", "suspend", "cancel", "incident"]);

/**
 * Returns the outcome and everything that follows from it, in order. All of it must be written in one transaction. If the chain would never end, or
 * cannot continue, the first outcome stands and an incident follows it. `actor` is the author of the first outcome. Pure, and bounded by
 * MAX_AUTOMATIC.
 */
export function fireAutomatic(machine: Machine, before: Snapshot, first: Outcome, actor: Actor): readonly [Outcome, ...Outcome[]] {
  return withTimers(machine, before, chainOf(machine, before, first, actor));
}

function chainOf(machine: Machine, before: Snapshot, first: Outcome, actor: Actor): readonly [Outcome, ...Outcome[]] {
  if (first.status !== "RUNNING" || WITHOUT_FOLLOW_UP.has(first.kind)) return [first];
  const begun = withAssignment(machine, before, first, actor);
  const rested = begun.reduce(snapshotAfter, before);
  const chain: [Outcome, ...Outcome[]] = [...begun];
  const visited: string[] = [];
  let snapshot = rested;
  for (;;) {
    const state = machine.states.get(snapshot.state);
    const last = chain.findLast(({ kind }) => kind !== "assign") ?? first;
    const isEntered = ENTERS.has(last.kind) || last.startChildren.length > 0;
    const disorder = state && isEntered && isOrdered(state) ? disorderOf(state, snapshot.data) : null;
    if (disorder) return withoutPassing([...withoutChildren(chain), incidentOutcome(snapshot, disorder, { actor, now: first.at })]);
    const joined = evaluateJoin(state, snapshot);
    if (joined && "stuck" in joined) return withoutPassing([...chain, incidentOutcome(snapshot, joined.stuck, { actor, now: first.at })]);
    const next = joined ? state?.transitions.get(joined.fires) : nextAutomatic(machine, snapshot, actor, first.at);
    if (!next) {
      const many = state && last.startChildren.length > MAX_CHILDREN ? tooManyChildren(state) : null;
      if (many) return withoutPassing([...chain, incidentOutcome(snapshot, many, { actor, now: first.at })]);
      return withoutPassing(withFollowing(chain, childrenThatFollow(machine, snapshot, { actor, now: first.at })));
    }
    visited.push(snapshot.state);
    if (visited.length > MAX_AUTOMATIC)
      return withoutPassing([...begun, incidentOutcome(rested, loopOf(rested, visited), { actor, now: first.at })]);
    const data = joined && state ? { data: collectResults(state, snapshot.data, snapshot.children ?? []) } : {};
    const result = applyTransition(machine, snapshot, next, { actor, now: first.at, input: null, comment: null, ...data });
    if (!result.ok) {
      const place = `states.${snapshot.state}.transitions.${next.name}`;
      const message = `The automatic transition ${quote(next.name)} cannot be fired: ${result.rejection.problems.map((one) => `${one.path}: ${one.message}`).join(" ")}`;
      return withoutPassing([
        ...chain,
        incidentOutcome(snapshot, { kind: "DATA", message: message.slice(0, 2000), place }, { actor, now: first.at }),
      ]);
    }
    // Tasks that an automatic transition ends were completed by nobody, not even by the user who had claimed them.
    const closeTasks = result.outcome.closeTasks.map(({ id }) => ({ id, reason: "superseded" }) as const);
    const outcome: Outcome = { ...result.outcome, closeTasks, isAutomatic: true };
    const followed = withAssignment(machine, snapshot, outcome, actor);
    chain.push(...followed);
    snapshot = followed.reduce(snapshotAfter, snapshot);
  }
}

type Chain = readonly [Outcome, ...Outcome[]];

/** Returns the outcome, and the assignment that its actions have asked for. The tasks that the outcome opens are for the new assignee already. */
function withAssignment(machine: Machine, before: Snapshot, { assigns, ...outcome }: Outcome, actor: Actor): Chain {
  if (!assigns || isSamePrincipal(assigns.to, before.assignee)) return [outcome];
  const after = snapshotAfter(before, outcome);
  const { offers = [], ...assigned } = assignment(machine, after, { to: assigns.to, actor, now: outcome.at });
  const others = offers.filter(({ id }) => before.openTasks.some((task) => task.id === id));
  // As after every transition to another state, only the current assignee of the new state counts.
  const leaves = ENTERS.has(outcome.kind) && outcome.from !== outcome.to;
  const doneBy = leaves ? undefined : withFormerAssignees(after.doneBy, [before.assignee]);
  return [outcome, { ...assigned, isAutomatic: true, ...(doneBy && { doneBy }), ...(others.length > 0 && { offers: others }) }];
}

/** Adds children to the last outcome, which leaves the instance where they start. */
function withFollowing(chain: Chain, children: readonly ChildToStart[]): Chain {
  if (children.length === 0) return chain;
  const last = chain.length - 1;
  return chain.map((one, at) => (at === last ? { ...one, startChildren: [...one.startChildren, ...children] } : one)) as unknown as Chain;
}

const withoutChildren = (chain: Chain): Chain => chain.map((one) => ({ ...one, startChildren: [] })) as unknown as Chain;

/** An outcome that stops the instance because it cannot continue: the status becomes FAILED; state and data stay the same. */
export function incidentOutcome(snapshot: Snapshot, incident: NewIncident, request: { actor: Actor; now: string }): Outcome {
  return { ...unchanged(snapshot, "incident", request), status: "FAILED", incident, isAutomatic: true };
}

function nextAutomatic(machine: Machine, snapshot: Snapshot, actor: Actor, now: string): Transition | undefined {
  if (snapshot.status !== "RUNNING") return undefined;
  const otherwise = undecided(machine, snapshot);
  if (otherwise) return otherwise;
  const transitions = machine.states.get(snapshot.state)?.transitions.values() ?? [];
  return [...transitions].find((one) => one.isAutomatic && !one.isTimed && conditionHolds(machine, snapshot, one, { actor, now }));
}

function loopOf({ state }: Snapshot, visited: readonly string[]): NewIncident {
  const round = [...new Set(visited)].slice(0, 10).map((name) => quote(name));
  const message = `Automatic transitions would repeat forever through ${round.join(", ")}. None of them was carried out; the instance stays in ${quote(state)}.`;
  return { kind: "LOOP", message, place: `states.${state}` };
}

/** Tasks of intermediate states are neither opened nor closed, and their children and steps are neither started nor canceled. */
function withoutPassing(chain: readonly [Outcome, ...Outcome[]]): readonly [Outcome, ...Outcome[]] {
  if (chain.length === 1) return chain;
  const closed = new Set(chain.flatMap(({ closeTasks }) => closeTasks.map(({ id }) => id)));
  const opened = new Set<string>();
  const renumbered = new Map<string, string>();
  const idle = chain.map((outcome, at) => {
    let kept = 0;
    const openTasks = outcome.openTasks.filter((_task, index) => {
      const id = passingId(outcome, index);
      opened.add(id);
      if (closed.has(id)) return false;
      renumbered.set(id, passingId(outcome, kept++));
      return true;
    });
    const isPassing = chain.slice(at + 1).some(({ kind }) => ENTERS.has(kind)) || outcome.startChildren.length > MAX_CHILDREN;
    const cancelsChildren = outcome.cancelsChildren && !chain.slice(0, at).some(({ kind }) => ENTERS.has(kind));
    const { startsRun, stopsRun, ...rest } = outcome;
    const isFirst = !chain.slice(0, at).some(({ kind }) => ENTERS.has(kind));
    return {
      ...rest,
      openTasks,
      cancelsChildren,
      startChildren: isPassing ? [] : outcome.startChildren,
      ...(startsRun && !isPassing && { startsRun }),
      ...(stopsRun && isFirst && { stopsRun }),
    };
  });
  return idle.map(({ offers, ...outcome }) => ({
    ...outcome,
    closeTasks: outcome.closeTasks.filter(({ id }) => !opened.has(id)),
    ...(offers && { offers: offersOf(offers, { isPassing: (id) => opened.has(id) && closed.has(id), renumbered }) }),
  })) as unknown as [Outcome, ...Outcome[]];
}

type Passed = { readonly isPassing: (id: string) => boolean; readonly renumbered: ReadonlyMap<string, string> };

/** Offers without those of tasks that are never opened. */
const offersOf = (offers: readonly CandidateChange[], { isPassing, renumbered }: Passed): CandidateChange[] =>
  offers.filter(({ id }) => !isPassing(id)).map((offer) => ({ ...offer, id: renumbered.get(offer.id) ?? offer.id }));

const passingId = ({ version }: Outcome, index: number): string => `${version.to}-${index}`;
