/** A compiled definition: what `compile` gives and `fire` reads. Immutable; holds no reference to the source document's text. */
import type { Condition, Operand } from "./conditions/tree.js";
import type { CompiledSchema } from "./schema/types.js";
import type { Template } from "./templates.js";
import type { FinalKind, JsonObject, ShowId } from "./types.js";

/** JSON Schema as written in the definition (the documented subset). */
export type InputSchema = JsonObject;

export type Machine = {
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly initial: string;
  readonly states: ReadonlyMap<string, MachineState>;
  readonly data: CompiledSchema;
  /** Every task rule by its name: the state's own task is named after the state. */
  readonly tasks: ReadonlyMap<string, TaskRule>;
  /** See CompileOptions. */
  readonly showId: ShowId | undefined;
};

export type MachineState = {
  readonly name: string;
  readonly title: string;
  readonly final: FinalKind | null;
  readonly transitions: ReadonlyMap<string, Transition>;
  readonly onEntry: readonly Action[];
  readonly onExit: readonly Action[];
};

export type Transition = {
  readonly name: string;
  readonly title: string;
  readonly to: string;
  readonly allow: Allow | null;
  readonly when: ConditionRule | null;
  readonly requiresComment: boolean;
  readonly input: CompiledSchema | null;
  readonly actions: readonly Action[];
};

/** `source` is the CEL text when the definition had text. */
export type ConditionRule = { readonly tree: Condition; readonly source: string | null };

/**
 * Who may fire. owner, assignee, roles, permissions and `any` are alternatives (one suffices, none given: everybody);
 * every `all` block must hold, and none of `notSameAs` may be the actor.
 */
export type Allow = {
  readonly owner: boolean;
  readonly assignee: boolean;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly notSameAs: readonly ("owner" | "assignee")[];
  readonly any: readonly Allow[];
  readonly all: readonly Allow[];
};

/** `lifetime: "state"` tasks close when their state is left; `"instance"` tasks at `closeTask` or at a final state. */
export type TaskRule = {
  readonly rule: string;
  readonly title: Template;
  readonly lifetime: "state" | "instance";
  readonly candidates: {
    readonly roles: readonly string[];
    readonly users: readonly string[];
    readonly teams: readonly string[];
    readonly owner: boolean;
    readonly assignee: boolean;
  };
};

export type Action =
  | { readonly kind: "set"; readonly path: readonly string[]; readonly value: Operand }
  | { readonly kind: "openTask"; readonly task: TaskRule }
  | { readonly kind: "closeTask"; readonly rule: string }
  | { readonly kind: "emit"; readonly type: string; readonly payload: readonly (readonly [string, Operand])[] };
