/** The events that steps publish and wait for, as far as their names are known before a run. */
import type { CompileOptions } from "../model/compile-options.js";
import type { Machine } from "../model/machine.js";
import { didYouMean, problemList, quote, type Path, type Problem } from "../model/problems.js";
import { textOf, worksOfSteps, type StepWork } from "./step-works.js";

export type NamedEventStep = { readonly name: string; readonly path: Path };

/** `published` by steps of the type `emit`, `awaited` by those of the type `wait`, and `emitted` by actions of transitions and states. */
export type EventsOfMachine = {
  readonly published: readonly NamedEventStep[];
  readonly awaited: readonly NamedEventStep[];
  readonly emitted: ReadonlySet<string>;
};

/** What can occur in the tenant. */
export type KnownEvents = {
  /** Types that the tenant has declared. */
  readonly declared: ReadonlySet<string>;
  /** Types of Weft that steps can wait for. */
  readonly triggering: ReadonlySet<string>;
  /** Names under which published workflows emit events. */
  readonly emitted: ReadonlySet<string>;
};

/** Returns the names of events, each with its place. */
export function eventsOfMachine(machine: Machine): EventsOfMachine {
  const states = [...machine.states.values()];
  const works = worksOfSteps(machine);
  const actions = states.flatMap(({ onEntry, onExit, transitions }) => [
    ...onEntry,
    ...onExit,
    ...[...transitions.values()].flatMap((transition) => transition.actions),
  ]);
  return {
    published: works.flatMap((work) => nameOf(work, { type: "emit", member: "type" })),
    awaited: works.flatMap((work) => nameOf(work, { type: "wait", member: "event" })),
    emitted: new Set(actions.flatMap((action) => (action.kind === "emit" ? [action.type] : []))),
  };
}

function nameOf({ work, path }: StepWork, wanted: { readonly type: string; readonly member: string }): readonly NamedEventStep[] {
  const name = work.type === wanted.type ? textOf(work.with, wanted.member) : null;
  return name === null ? [] : [{ name, path: [...path, "with", wanted.member] }];
}

/** Reports events that cannot occur today: steps that publish a type that is not declared, and steps that wait for what nothing emits. */
export function checkEvents(
  { published, awaited, emitted: own }: EventsOfMachine,
  { declared, triggering, emitted }: KnownEvents,
  options: Pick<CompileOptions, "locate"> = {},
): readonly Problem[] {
  const problems = problemList(options);
  for (const { name, path } of published)
    if (!declared.has(name)) {
      const message = `There is no declared event type ${quote(name)}, so the step would fail. Declare it with declareEventType.`;
      problems.add(path, "UNKNOWN_EVENT", `${message}${didYouMean(name, declared)}`);
    }
  const known = new Set([...declared, ...emitted, ...own, ...triggering]);
  for (const { name, path } of awaited)
    if (!known.has(name)) {
      const message = `Nothing emits the event ${quote(name)}: it is no type that steps can wait for, and no published workflow emits it.`;
      problems.add(path, "UNKNOWN_EVENT", `${message}${similar(name, known)}`);
    }
  return problems.problems;
}

/** There are hundreds of types, and a name is mostly mistyped within its domain. */
function similar(name: string, known: ReadonlySet<string>): string {
  const [domain = ""] = name.split(".");
  const near = [...known].filter((one) => one.startsWith(`${domain}.`));
  return didYouMean(name, near.length > 0 ? near : known);
}
