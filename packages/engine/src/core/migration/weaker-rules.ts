/** Whether another version lets somebody who took part go alone where the old one needed somebody else. */
import type { Allow, Machine, MachineState, Transition } from "../machine.js";
import { FORMER_ASSIGNEES, stepName } from "../people.js";
import { quote } from "../problems.js";
import { canonicalText } from "../schema/json.js";
import type { DoneBy, Snapshot } from "../snapshot.js";
import { mappedStep, type MigrationMapping } from "./mapping.js";
import { fewerVotes, needsVotes, votersFor } from "./weaker-votes.js";

export type Comparison = {
  readonly from: Machine;
  readonly to: Machine;
  readonly mapping: MigrationMapping;
  readonly snapshot: Snapshot;
  /** Who did which step, under the old names and the new ones. */
  readonly doneBy: DoneBy;
  /** The state of the new version in which the instance would stand. */
  readonly landing: string;
  /** Whoever migrates it has a part in it: being brought somewhere by them is their own deed. */
  readonly isInvolved: boolean;
};

export type WeakerRule = { readonly code: "WEAKER_RULES" | "UNMAPPED_STEP"; readonly message: string };

/** Pairs of a state and the steps done on the way to it. With more of them every state counts as reachable. */
const MAX_PLACES = 2_000;
/** Different parts that people took in an instance. With more of them the new version counts as weaker. */
const MAX_PARTS = 100;

/** Rules that hold for what was done in the instance, and would not hold any more. Conditions and roles are not judged: only whether somebody else is needed. */
export function weakerRules(comparison: Comparison): WeakerRule[] {
  if (!separates(comparison.from)) return [];
  const votes = weakerVotes(comparison);
  // Of what is said vote by vote nothing is said again.
  return [...unmappedSteps(comparison), ...votes, ...weakerStates({ ...comparison, countsVotes: votes.length === 0 })];
}

/** Whether any transition asks for somebody else, or for several people. */
export const separates = (machine: Machine): boolean =>
  needsVotes(machine) ||
  [...machine.states.values()].some(({ transitions }) => [...transitions.values()].some(({ allow }) => allow !== null && excludes(allow)));

const excludes = ({ notSameAs, any, all }: Allow): boolean => notSameAs.length > 0 || [...any, ...all].some(excludes);

/** Steps that were done, which somebody who did them shall not follow up, and which the new version does not know by any name. */
function unmappedSteps({ from, to, mapping, snapshot }: Comparison): WeakerRule[] {
  return Object.keys(snapshot.doneBy ?? {}).flatMap((step): WeakerRule[] => {
    if (!from.separated.has(step) || isStepOf(to, mappedStep(mapping, step))) return [];
    const message = `The new version has no step ${quote(step)}, which was done here and which notSameAs references. Map it with \`steps\` to what it is called now.`;
    return [{ code: "UNMAPPED_STEP", message }];
  });
}

export function isStepOf({ states }: Machine, step: string): boolean {
  const dot = step.indexOf(".");
  return states.get(step.slice(0, dot))?.transitions.has(step.slice(dot + 1)) === true;
}

/** Decisions that are still to come, for which fewer people than before suffice. */
function weakerVotes({ from, to, mapping, snapshot }: Comparison): WeakerRule[] {
  const states = new Set([snapshot.state, ...reach(from, [snapshot.state], { orElse: from.states.keys() })]);
  return fewerVotes(from, to, { states, names: mapping.states }).map((message) => ({ code: "WEAKER_RULES", message }));
}

/** `countsVotes`: what several have to vote for nobody passes alone. */
type Compared = Comparison & { readonly countsVotes: boolean };

function weakerStates(comparison: Compared): WeakerRule[] {
  const people = peopleByPart(comparison);
  if (people.length > MAX_PARTS) {
    const message = `People took more than ${MAX_PARTS} different parts in this instance, too many to compare: by the new version one of them could go alone where the old one needs somebody else.`;
    return [{ code: "WEAKER_RULES", message }];
  }
  const weaker = new Set(people.flatMap((person) => weakerFor(comparison, person) ?? []));
  return [...weaker].map((state) => ({
    code: "WEAKER_RULES",
    message: `By the old version somebody else is needed on the way to ${quote(state)}; by the new one somebody who took part could go there alone.`,
  }));
}

/** One person of those who took the same part: owned it, had it, did the same steps. The rules do not tell them apart. */
function peopleByPart({ snapshot: { ownerId, assignee }, doneBy }: Comparison): readonly string[] {
  const parts = new Map<string, string[]>();
  const add = (person: string | null | undefined, part: string): void => {
    if (person) parts.set(person, [...(parts.get(person) ?? []), part]);
  };
  // No step has a name without a dot.
  add(ownerId, "owner");
  add(assignee?.id, "present assignee");
  for (const [step, ids] of Object.entries(doneBy)) for (const id of new Set(ids)) add(id, step);
  return [...new Map([...parts].map(([person, done]) => [JSON.stringify(done), person] as const)).values()];
}

/** The first state that a person could reach alone by the new version and, as far as can be told, not by the old one. */
function weakerFor(comparison: Compared, person: string): string | undefined {
  const { from, to, mapping } = comparison;
  const guarded = guardedStates(comparison, person);
  if (guarded.size === 0) return undefined;
  const { snapshot, landing, isInvolved } = comparison;
  const isBrought = isInvolved && landing !== snapshot.state;
  const alone = reach(to, [landing], { may: mayPass(to, comparison, { start: landing, person }), orElse: to.states.keys() });
  if (isBrought) alone.add(landing);
  const same = [...guarded].find((name) => alone.has(name) || alone.has(mapping.states.get(name) ?? name));
  if (same !== undefined) return same;
  // What is called otherwise may be what was guarded, whatever a mapping claims.
  const isGone = [...guarded].some((name) => !to.states.has(name));
  return [...alone].find((name) => !from.states.has(name) && (isGone || hasEffects(to.states.get(name), to)));
}

/** States of the old version that can be entered from here, but not by this person alone. */
function guardedStates({ from, to, mapping, ...rest }: Compared, person: string): ReadonlySet<string> {
  const { snapshot, landing, isInvolved } = rest;
  const counterparts = isInvolved ? [] : [...from.states.keys()].filter((name) => (mapping.states.get(name) ?? name) === landing);
  const start = [snapshot.state, ...counterparts];
  const may = mayPass(from, rest, { start: snapshot.state, person });
  // A way under a condition that the new version words otherwise is none that the old version had.
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

/** Whether one person could fire a transition, with all the rights and conditions that it may ask for. `start`: assignees count where they are known. */
function mayPass(
  machine: Machine,
  { snapshot, doneBy, countsVotes }: Pick<Compared, "snapshot" | "doneBy" | "countsVotes">,
  { start, person }: { readonly start: string; readonly person: string },
): May {
  return (state, { name, allow, isAutomatic }, done) => {
    // A list of the data may be of one: what the old version guards by it is compared vote by vote.
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

/** The states that can be entered, or `orElse` when there are too many ways. With `may` the steps done on the way count for it. */
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

/** Something happens there that others see: it ends well, starts instances, or emits. */
function hasEffects(state: MachineState | undefined, { states }: Machine): boolean {
  if (!state) return false;
  const actions = [
    ...state.onEntry,
    ...[...states.values()].flatMap(({ transitions }) =>
      [...transitions.values()].flatMap((one) => (one.to === state.name ? one.actions : [])),
    ),
  ];
  return state.final === "completed" || state.children.length > 0 || actions.some(({ kind }) => kind === "emit");
}
