/**
 * Diagram: decides what a diagram of a definition shows: states and transitions with their titles, and what an instance did there.
 * The other files of the module write a drawing as Mermaid or lay it out as SVG.
 * This module never decides who can see a diagram.
 */
import type { Machine, Transition } from "../model/machine.js";
import type { FinalKind } from "../model/snapshot.js";

/**
 * `current`: the state that the instance is in (or ended in), or a step at work; `visited`: a state that it was in, or a step that has succeeded;
 * `failed`, `skipped`: only of steps.
 */
export type Mark = "none" | "visited" | "current" | "failed" | "skipped";

export type DrawnState = {
  readonly name: string;
  readonly title: string;
  readonly final: FinalKind | null;
  readonly isInitial: boolean;
  readonly mark: Mark;
};

export type DrawnTransition = {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly title: string;
  /** Number of times that the instance took the transition. */
  readonly fired: number;
  /** It is a dependency of a step, which has no label. */
  readonly isPlain?: true;
};

/** Every transition starts and ends at a state of the list. */
export type Drawing = {
  readonly title: string;
  /** Whether the drawing belongs to an instance, so that marks have a meaning. */
  readonly isOfInstance: boolean;
  /** It shows steps and what they depend on, instead of states and transitions. */
  readonly isOfSteps?: true;
  readonly states: readonly DrawnState[];
  readonly transitions: readonly DrawnTransition[];
};

/** A history entry of an instance. `from` is null for the start; `transition` is null for entries that are not transitions. */
export type Step = { readonly from: string | null; readonly to: string; readonly transition: string | null };

/** Returns all states and transitions of a definition, in the order of its text. */
export function drawDefinition(machine: Machine): Drawing {
  return drawing(machine, { of: () => "none", fired: () => 0, isOfInstance: false });
}

/**
 * Marks the current state of an instance and the path it has taken. States and transitions of its history that the definition does not have are
 * omitted.
 * @param reach `all`: the whole definition; `path`: only its history, its current state, and the targets of that state's transitions
 */
export function drawInstance(
  machine: Machine,
  { state, steps, reach }: { state: string; steps: readonly Step[]; reach: "all" | "path" },
): Drawing {
  const visited = new Set(steps.flatMap(({ from, to }) => (from === null ? [to] : [from, to])));
  const fired = new Map<string, number>();
  for (const { from, transition } of steps) {
    if (from !== null && transition !== null) fired.set(idOf(from, transition), (fired.get(idOf(from, transition)) ?? 0) + 1);
  }
  const whole = drawing(machine, {
    of: (name) => (name === state ? "current" : visited.has(name) ? "visited" : "none"),
    fired: (from, { name }) => fired.get(idOf(from, name)) ?? 0,
    isOfInstance: true,
  });
  if (reach === "all") return whole;
  const transitions = whole.transitions.filter((one) => one.fired > 0 || one.from === state);
  const ends = new Set(transitions.flatMap(({ from, to }) => [from, to]));
  return { ...whole, transitions, states: whole.states.filter(({ name, mark }) => mark !== "none" || ends.has(name)) };
}

const idOf = (from: string, transition: string): string => JSON.stringify([from, transition]);

type Marks = {
  readonly of: (state: string) => Mark;
  readonly fired: (from: string, transition: Transition) => number;
  readonly isOfInstance: boolean;
};

function drawing({ name: title, initial, states }: Machine, { of, fired, isOfInstance }: Marks): Drawing {
  const all = [...states.values()];
  return {
    title,
    isOfInstance,
    states: all.map((state) => ({
      name: state.name,
      title: state.title,
      final: state.final,
      isInitial: state.name === initial,
      mark: of(state.name),
    })),
    transitions: all.flatMap((state) =>
      [...state.transitions.values()].map((one) => ({
        from: state.name,
        to: one.to,
        name: one.name,
        title: one.title,
        fired: fired(state.name, one),
      })),
    ),
  };
}
