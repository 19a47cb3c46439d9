/** Whether another version lets a user who took part proceed alone where the old version required another user. */
import type { Allow, Machine, MachineState, Transition } from "../model/machine.js";
import { FORMER_ASSIGNEES, stepName } from "../authorization/people.js";
import { quote } from "../model/problems.js";
import { canonicalText } from "../model/values.js";
import type { DoneBy, Snapshot } from "../model/snapshot.js";
import { mappedStep, type MigrationMapping } from "./mapping.js";
import { fewerVotes, needsVotes, votersFor } from "./weaker-votes.js";

export type Comparison = {
  readonly from: Machine;
  readonly to: Machine;
  readonly mapping: MigrationMapping;
  readonly snapshot: Snapshot;
  /** Who did which step, under the old names and the new ones. */
  readonly doneBy: DoneBy;
  /** The state of the new version that the instance would be in. */
  readonly targetState: string;
  /** The user who migrates takes part: bringing the instance to a state is their own action. */
  readonly isInvolved: boolean;
};

export type WeakerRule = { readonly code: "WEAKER_RULES" | "UNMAPPED_STEP"; readonly message: string };

/** Maximum number of pairs of a state and the steps done on the path to it. With more of them, every state counts as reachable. */
const MAX_PLACES = 2_000;
/** Maximum number of different parts that users took in an instance. With more of them, the new version counts as weaker. */
const MAX_PARTS = 100;

/**
 * Returns rules that applied to what was done in the instance, and would no longer apply. Conditions and roles are not compared: only whether another
 * user is required.
 */
export function weakerRules(comparison: Comparison): WeakerRule[] {
  if (!separates(comparison.from)) return [];
  const votes = weakerVotes(comparison);
  // Differences that are reported vote by vote are not reported again.
  return [...unmappedSteps(comparison), ...votes, ...weakerStates({ ...comparison, countsVotes: votes.length === 0 })];
}

/** Whether any transition requires another user, or several users. */
export const separates = (machine: Machine): boolean =>
  needsVotes(machine) ||
  [...machine.states.values()].some(({ transitions }) => [...transitions.values()].some(({ allow }) => allow !== null && excludes(allow)));

const excludes = ({ notSameAs, any, all }: Allow): boolean => notSameAs.length > 0 || [...any, ...all].some(excludes);

/** Returns steps that were done and that separate duties, but that the new version does not have under any name. */
function unmappedSteps({ from, to, mapping, snapshot }: Comparison): WeakerRule[] {
  return Object.keys(snapshot.doneBy ?? {}).flatMap((step): WeakerRule[] => {
    if (!from.separated.has(step) || isStepOf(to, mappedStep(mapping, step))) return [];
    const message = `The new version has no step ${quote(step)}, which was done in this instance and is referenced by notSameAs. Map it to its new name with \`steps\`.`;
    return [{ code: "UNMAPPED_STEP", message }];
  });
}

export function isStepOf({ states }: Machine, step: string): boolean {
  const dot = step.indexOf(".");
  return states.get(step.slice(0, dot))?.transitions.has(step.slice(dot + 1)) === true;
}

/** Returns future decisions for which fewer users are enough than before. */
function weakerVotes({ from, to, mapping, snapshot }: Comparison): WeakerRule[] {
  const states = new Set([snapshot.state, ...reach(from, [snapshot.state], { orElse: from.states.keys() })]);
  return fewerVotes(from, to, { states, names: mapping.states }).map((message) => ({ code: "WEAKER_RULES", message }));
}

/** `countsVotes`: a state that needs several votes cannot be left by one user alone. */
type Compared = Comparison & { readonly countsVotes: boolean };

function weakerStates(comparison: Compared): WeakerRule[] {
  const people = peopleByPart(comparison);
  if (people.length > MAX_PARTS) {
    const message = `Users took part in this instance in more than ${MAX_PARTS} different ways, which is too many to compare. Under the new version, one of them could proceed alone where the old version requires another user.`;
    return [{ code: "WEAKER_RULES", message }];
  }
  const weaker = new Set(people.flatMap((person) => weakerFor(comparison, person) ?? []));
  return [...weaker].map((state) => ({
    code: "WEAKER_RULES",
    message: `Under the old version, another user is required on the path to ${quote(state)}. Under the new version, a user who took part could get there alone.`,
  }));
}

/** Returns one of the users who took the same part: owned it, were assigned to it, did the same steps. The rules do not distinguish between them. */
function peopleByPart({ snapshot: { ownerId, assignee }, doneBy }: Comparison): readonly string[] {
  const parts = new Map<string, string[]>();
  const add = (person: string | null | undefined, part: string): void => {
    if (person) parts.set(person, [...(parts.get(person) ?? []), part]);
  };
  // Names of steps always contain a dot.
  add(ownerId, "owner");
  add(assignee?.id, "present assignee");
  for (const [step, ids] of Object.entries(doneBy)) for (const id of new Set(ids)) add(id, step);
  return [...new Map([...parts].map(([person, done]) => [JSON.stringify(done), person] as const)).values()];
}

/** Returns the first state that a user could reach alone under the new version and, as far as can be determined, not under the old one. */
function weakerFor(comparison: Compared, person: string): string | undefined {
  const { from, to, mapping } = comparison;
  const guarded = guardedStates(comparison, person);
  if (guarded.size === 0) return undefined;
  const { snapshot, targetState, isInvolved } = comparison;
  const isBrought = isInvolved && targetState !== snapshot.state;
  const alone = reach(to, [targetState], { may: mayPass(to, comparison, { start: targetState, person }), orElse: to.states.keys() });
  if (isBrought) alone.add(targetState);
  const same = [...guarded].find((name) => alone.has(name) || alone.has(mapping.states.get(name) ?? name));
  if (same !== undefined) return same;
  // A renamed state can be the one that was protected, whatever a mapping claims.
  const isGone = [...guarded].some((name) => !to.states.has(name));
  return [...alone].find((name) => !from.states.has(name) && (isGone || hasEffects(to.states.get(name), to)));
}

/** Returns states of the old version that can be entered from here, but not by this user alone. */
function guardedStates({ from, to, mapping, ...rest }: Compared, person: string): ReadonlySet<string> {
  const { snapshot, targetState, isInvolved } = rest;
  const counterparts = isInvolved ? [] : [...from.states.keys()].filter((name) => (mapping.states.get(name) ?? name) === targetState);
  const start = [snapshot.state, ...counterparts];
  const may = mayPass(from, rest, { start: snapshot.state, person });
  // A path whose condition differs in the new version does not count as a path of the old version.
  const isKept = (state: string, one: Transition): boolean => {
    const next = to.states.get(mapping.states.get(state) ?? state)?.transitions.get(one.name);
    return !one.when || (next !== undefined && canonicalText(one.when.tree) === canonicalText(next.when?.tree ?? null));
  };
  const guarded = (isOpen: (state: string, one: Transition) => boolean): string[] => {
    const alone = reach(from, start, { may, isOpen, orElse: [] });
    return [...reach(from, start, { isOpen, orElse: [] })].filter((name) => !alone.has(name));
  };
  return new Set([...guarded(() => true), ...guarded(isKept)]);
}

type May = (state: string, transition: Transition, done: ReadonlySet<string>) => boolean;

/** Whether one user could fire a transition, with all the rights and conditions that it can require. `start`: assignees count if they are known. */
function mayPass(
  machine: Machine,
  { snapshot, doneBy, countsVotes }: Pick<Compared, "snapshot" | "doneBy" | "countsVotes">,
  { start, person }: { readonly start: string; readonly person: string },
): May {
  return (state, { name, allow, isAutomatic }, done) => {
    // A list in the data can have one item: what the old version protects by it is compared vote by vote.
    if (countsVotes && (votersFor(machine.states.get(state), name, 1) ?? 1) > 1) return false;
    const isExcluded = (who: string): boolean => {
      if (who === "owner") return snapshot.ownerId === person;
      if (who !== "assignee") return done.has(who) || (doneBy[who] ?? []).includes(person);
      return state === start && (snapshot.assignee?.id === person || (doneBy[FORMER_ASSIGNEES] ?? []).includes(person));
    };
    return isAutomatic || allow === null || passes(allow, isExcluded);
  };
}

function passes(allow: Allow, isExcluded: (who: string) => boolean): boolean {
  const { owner, assignee, candidate, roles, permissions, any, all, notSameAs } = allow;
  const hasOther = owner || assignee || candidate || roles.length > 0 || permissions.length > 0;
  const isMet = hasOther || any.length === 0 || any.some((block) => passes(block, isExcluded));
  return isMet && all.every((block) => passes(block, isExcluded)) && !notSameAs.some(isExcluded);
}

type Ways = {
  readonly may?: May;
  readonly isOpen?: (state: string, transition: Transition) => boolean;
  readonly orElse: Iterable<string>;
};

/** Returns the states that can be entered, or `orElse` if there are too many paths. With `may`, the steps done on the path count. */
function reach(machine: Machine, start: readonly string[], { may, isOpen = () => true, orElse }: Ways): Set<string> {
  const entered = new Set<string>();
  const seen = new Set<string>();
  const open = [...new Set(start)].map((state) => ({ state, done: [] as readonly string[] }));
  for (let place = open.pop(); place; place = open.pop()) {
    const { state, done } = place;
    const key = JSON.stringify([state, done]);
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > MAX_PLACES) return new Set(orElse);
    const ofPerson = new Set(done);
    for (const one of machine.states.get(state)?.transitions.values() ?? []) {
      if (!isOpen(state, one) || (may && !may(state, one, ofPerson))) continue;
      entered.add(one.to);
      const step = stepName(state, one.name);
      const isNew = may !== undefined && machine.separated.has(step) && !one.isAutomatic && !ofPerson.has(step);
      open.push({ state: one.to, done: isNew ? [...done, step].toSorted() : done });
    }
  }
  return entered;
}

/** Whether something happens there that is visible to others: it ends successfully, starts instances, emits events, or notifies users. */
function hasEffects(state: MachineState | undefined, { states }: Machine): boolean {
  if (!state) return false;
  const actions = [
    ...state.onEntry,
    ...[...states.values()].flatMap(({ transitions }) =>
      [...transitions.values()].flatMap((one) => (one.to === state.name ? one.actions : [])),
    ),
  ];
  return state.final === "completed" || state.children.length > 0 || actions.some(({ kind }) => ["emit", "call", "notify"].includes(kind));
}
