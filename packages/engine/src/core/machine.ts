/** A compiled definition: what `compile` gives and `fire` reads. Immutable; holds no reference to the source document's text. */
import type { ReadId, ShowId } from "./compile-options.js";
import type { Condition, Operand } from "./conditions/tree.js";
import type { IndexedField } from "./definition/indexed.js";
import type { Form } from "./forms/form.js";
import type { JsonObject } from "./json.js";
import type { Scenario } from "./scenarios/scenario.js";
import type { CompiledSchema } from "./schema/types.js";
import type { FinalKind } from "./snapshot.js";
import type { Template } from "./templates.js";

/** JSON Schema as written in the definition (the documented subset). */
export type InputSchema = JsonObject;

export type Machine = {
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly initial: string;
  readonly states: ReadonlyMap<string, MachineState>;
  readonly data: CompiledSchema;
  /** The forms that have a name of their own. */
  readonly forms: ReadonlyMap<string, Form>;
  /** Every task rule by its name: the state's own task is named after the state. */
  readonly tasks: ReadonlyMap<string, TaskRule>;
  /** What lists filter by. */
  readonly index: readonly IndexedField[];
  /** What is tried before it is published. */
  readonly scenarios: readonly Scenario[];
  /** Steps (`state.transition`) that a `notSameAs` names: who did them is kept with the instance. */
  readonly separated: ReadonlySet<string>;
  /** See CompileOptions. */
  readonly showId: ShowId | undefined;
  readonly readId: ReadId | undefined;
};

export type MachineState = {
  readonly name: string;
  readonly title: string;
  readonly final: FinalKind | null;
  readonly transitions: ReadonlyMap<string, Transition>;
  /** The tasks that entering the state opens, in the order of the definition; `onEntry` begins with their opening. */
  readonly tasks: readonly TaskRule[];
  readonly decide: Decide | null;
  /** The instances that entering the state starts. */
  readonly children: readonly ChildRule[];
  readonly join: Join | null;
  readonly onEntry: readonly Action[];
  readonly onExit: readonly Action[];
};

export type Transition = {
  readonly name: string;
  readonly title: string;
  readonly to: string;
  /** Fires by itself as soon as `when` holds: of several the first in the order of the definition. People cannot fire it. */
  readonly isAutomatic: boolean;
  readonly allow: Allow | null;
  readonly when: ConditionRule | null;
  readonly requiresComment: boolean;
  readonly input: CompiledSchema | null;
  /** What `input` was made from, when the definition has a form here. */
  readonly form: Form | null;
  readonly actions: readonly Action[];
};

/**
 * How completed tasks of a state become a transition: it fires as soon as so many of them were completed with it. `otherwise` fires when all are completed and
 * none has its number.
 */
export type Decide = {
  readonly needed: ReadonlyMap<string, number | "all">;
  readonly otherwise: string | null;
  /** One person may complete several of the tasks. */
  readonly isRepeatable: boolean;
};

/** Instances of another definition that a state starts: one, or one for each item of a list. */
export type ChildRule = {
  readonly rule: string;
  /** Key of the definition: its newest published version when the state is entered. */
  readonly definition: string;
  readonly each: Operand | null;
  /** The data of a child: name and value, which may read `item` and `index`. */
  readonly data: readonly (readonly [string, Operand])[];
  /** What is kept of a child that has ended: name and value, which reads the child's own `data`. */
  readonly result: readonly (readonly [string, Operand])[];
  /** Where in the data the results are written, in the order of the items. */
  readonly collect: readonly string[] | null;
};

/** When a state's children let it go on. `completed` counts those that ended so; `ended` counts all that have ended. Those still running are cancelled. */
export type Join = {
  readonly need: number | "all" | "any";
  readonly of: "completed" | "ended";
  /** The transition that `then` names. */
  readonly fires: string;
  /** Fires when `need` cannot be reached any more. */
  readonly otherwise: string | null;
};

/** `source` is the CEL text when the definition had text. */
export type ConditionRule = { readonly tree: Condition; readonly source: string | null };

/**
 * Who may fire. owner, assignee, candidate, roles, permissions and `any` are alternatives (one suffices, none given: everybody);
 * every `all` block must hold, and none of `notSameAs` may be the actor.
 */
export type Allow = {
  readonly owner: boolean;
  readonly assignee: boolean;
  /** Whoever has claimed, or may claim, an open task of the instance. */
  readonly candidate: boolean;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** `owner`, `assignee`, and steps (`state.transition`): nobody who did one of them. */
  readonly notSameAs: readonly string[];
  readonly any: readonly Allow[];
  readonly all: readonly Allow[];
};

/** `lifetime: "state"` tasks close when their state is left; `"instance"` tasks at `closeTask` or at a final state. */
export type TaskRule = {
  readonly rule: string;
  /** What completing it means: a vote, of which each person has one, or any number. Null: no vote. */
  readonly vote: "ONCE" | "REPEAT" | null;
  readonly title: Template;
  readonly lifetime: "state" | "instance";
  /** So many tasks of this rule, or one for each user in a list of the data. */
  readonly count: number;
  readonly each: Operand | null;
  readonly due: Due | null;
  readonly priority: TaskPriority;
  /** What is to be ticked off, in order. */
  readonly checklist: readonly string[];
  /** Asks for its own input in place of the transition's. */
  readonly form: Form | null;
  readonly candidates: {
    readonly roles: readonly string[];
    readonly users: readonly string[];
    readonly teams: readonly string[];
    readonly owner: boolean;
    readonly assignee: boolean;
    /** Values that hold ids of users or teams. */
    readonly from: readonly Operand[];
    /** Name of the routing rules that choose. */
    readonly route: string | null;
  };
};

export const TASK_PRIORITIES = ["low", "normal", "high", "urgent"] as const;
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

/** ISO 8601 duration from the opening, or a value that holds a moment. */
export type Due = { readonly after: string } | { readonly at: Operand };

export type Action =
  | { readonly kind: "set"; readonly path: readonly string[]; readonly value: Operand }
  | { readonly kind: "openTask"; readonly task: TaskRule }
  | { readonly kind: "closeTask"; readonly rule: string }
  | { readonly kind: "emit"; readonly type: string; readonly payload: readonly (readonly [string, Operand])[] };
