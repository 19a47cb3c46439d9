/** The events that steps publish and wait for, as far as their names are known before a run. */
import type { StateRun, Step, Work } from "../model/automation.js";
import type { CompileOptions } from "../model/compile-options.js";
import type { Machine } from "../model/machine.js";
import { didYouMean, problemList, quote, type Path, type Problem } from "../model/problems.js";
import { isAutomation } from "./child-runs.js";

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
  const works = states.flatMap(({ name, run }) =>
    run ? worksOf(run, isAutomation(machine) ? ["steps"] : ["states", name, "run", "steps"]) : [],
  );
  const actions = states.flatMap(({ onEntry, onExit, transitions }) => [
    ...onEntry,
    ...onExit,
    ...[...transitions.values()].flatMap((transition) => transition.actions),
  ]);
  return {
    published: works.flatMap(([work, path]) => nameOf(work, path, { type: "emit", member: "type" })),
    awaited: works.flatMap(([work, path]) => nameOf(work, path, { type: "wait", member: "event" })),
    emitted: new Set(actions.flatMap((action) => (action.kind === "emit" ? [action.type] : []))),
  };
}

type PlacedWork = readonly [Work, Path];

const worksOf = ({ graph }: StateRun, path: Path): readonly PlacedWork[] =>
  [...graph.steps.values()].flatMap((step: Step, index): readonly PlacedWork[] => [
    [step, [...path, index]],
    ...(step.compensate ? [[step.compensate, [...path, index, "compensate"]] as const] : []),
  ]);

function nameOf(
  { type, with: input }: Work,
  path: Path,
  wanted: { readonly type: string; readonly member: string },
): readonly NamedEventStep[] {
  if (type !== wanted.type || input.kind !== "object") return [];
  const value = input.members.find(([name]) => name === wanted.member)?.[1];
  return value?.kind === "value" && typeof value.value === "string" ? [{ name: value.value, path: [...path, "with", wanted.member] }] : [];
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
