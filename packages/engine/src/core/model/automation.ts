/** Steps that programs do: the graph that a definition of the kind `automation`, or a state of another one, is compiled to. */
import type { ConditionRule, Operand } from "./condition.js";
import type { Json, JsonObject } from "./json.js";
import type { CallFollowUp } from "./call.js";
import type { CompiledSchema } from "./schema.js";
import type { WrittenProfile } from "./security-profile.js";

/** The steps of an automation, or of a state of another definition. */
export type StepGraph = {
  /** What expressions call the values that the run was started with: `inputs` of an automation, `data` of an instance. */
  readonly root: "inputs" | "data";
  /** Names of the values that are sealed at rest and readable only where secrets are. */
  readonly secretInputs: ReadonlySet<string>;
  /** Schema of these inputs. Null: there are none. */
  readonly secretSchema: CompiledSchema | null;
  /** By ID, in the order of the definition. */
  readonly steps: ReadonlyMap<string, Step>;
  /** IDs, each after those of the steps that it depends on. */
  readonly order: readonly string[];
  /** Values by name, computed when the run has succeeded. */
  readonly outputs: readonly (readonly [string, ValueTemplate])[];
  /** Maximum number of its steps that are done at the same time. */
  readonly concurrency: number;
  /** Names of the secrets that its steps read. */
  readonly secrets: ReadonlySet<string>;
  /** The `profile` that narrows that of the tenant. */
  readonly profile: WrittenProfile | null;
};

/** The steps that entering a state starts, and what their end does to the instance. */
export type StateRun = { readonly graph: StepGraph; readonly followUp: CallFollowUp };

export type Step = Work & {
  readonly id: string;
  readonly title: string;
  /** IDs of the steps that must have ended before. */
  readonly dependsOn: readonly string[];
  /** Evaluated when those have ended. The step is skipped unless it holds. */
  readonly when: ConditionRule | null;
  /** Does the work once for each item of a list. */
  readonly each: EachRule | null;
  readonly onFailure: FailureRule;
  /** Steps of the tenant with the same queue are done at most `limit` at the same time, whichever runs they belong to. */
  readonly queue: { readonly name: string; readonly limit: number } | null;
  /** From -1 to 1. Among the due steps of a tenant, a step comes before those that have waited a minute longer and have a priority less by one. */
  readonly priority: number;
  /** Work that undoes the step, done if the run fails with `compensate`. */
  readonly compensate: Work | null;
};

/** What a step, or its compensation, does. */
export type Work = {
  /** Name of the step type. */
  readonly type: string;
  /** The input of the step type: always an object. */
  readonly with: ValueTemplate;
  readonly retry: RetryRule;
  /** For each attempt; null: the limit of the security profile. */
  readonly timeoutSeconds: number | null;
};

export type EachRule = {
  readonly list: Operand;
  /** Name of the item in the step's expressions. */
  readonly as: string;
  readonly concurrency: number;
};

export type RetryRule = {
  /** Number of attempts, the first one included. */
  readonly attempts: number;
  readonly delaySeconds: number;
  readonly backoff: "constant" | "linear" | "exponential";
  readonly maxDelaySeconds: number;
  /** Codes of the errors that another attempt may follow; null: all that the step type does not call final. */
  readonly on: readonly string[] | null;
};

/** What the final failure of a step does. `notify` happens in any case. */
export type FailureRule = {
  readonly reaction: "fail" | "continue" | "compensate" | "workflow";
  /** The automation that does the step's work instead, if the reaction is `workflow`. Its outputs become those of the step. */
  readonly workflow: { readonly key: string; readonly inputs: ValueTemplate } | null;
  /** Roles and users by `owner` or key of the role. */
  readonly notify: readonly string[];
};

/**
 * A value in which `{{ expressions }}` are evaluated. A text that consists of one expression becomes its value, with its type. In other texts the value
 * is inserted as text. Values are never evaluated again, so they cannot become expressions.
 */
export type ValueTemplate =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "expression"; readonly operand: Operand; readonly source: string }
  | { readonly kind: "text"; readonly parts: readonly (string | { readonly operand: Operand; readonly source: string })[] }
  | { readonly kind: "list"; readonly items: readonly ValueTemplate[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, ValueTemplate])[] };

/** A kind of work. Core types are done while the run advances; the others by a worker. */
export type StepType = {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of `with`, as written. Values that contain expressions are checked when they are known. */
  readonly input: CompiledSchema;
  /** JSON Schema of the outputs; null: any. */
  readonly outputs: CompiledSchema | null;
  /** Schemas of outputs that depend on `with`, by their names. Expressions are checked against them instead. */
  readonly outputsOf?: (input: JsonObject) => JsonObject;
  /** Names of the members of `with` that can contain secrets. */
  readonly secretInputs: readonly string[];
  /** Names of the members of `with` whose own members can be secret inputs of the run, because another run seals them. */
  readonly sealedInputs: readonly string[];
  /** Members of `with` that contain no expressions, with the reason. */
  readonly literalInputs: ReadonlyMap<string, string>;
  /** Checks what the schema cannot express, when the definition is saved. */
  readonly check?: CheckInput;
  /** Whether its work goes on after a wait. Otherwise the step has succeeded when the wait is over. */
  readonly goesOn: boolean;
};

/**
 * Reports problems of `with`. `known` contains the members without expressions; `given` the names of all members; `written` the members as the
 * definition writes them, when it is saved. The path begins at `with`.
 */
export type CheckInput = (
  input: { readonly known: JsonObject; readonly given: ReadonlySet<string>; readonly written?: ReadonlyMap<string, ValueTemplate> },
  report: (path: readonly (string | number)[], message: string) => void,
) => void;
