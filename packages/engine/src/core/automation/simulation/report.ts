/** What a simulated run reports about each step. */
import { evaluateCondition, evaluateOperand, type ConditionFailure } from "../../conditions/evaluate.js";
import { pathsOf } from "../../conditions/paths.js";
import type { Context } from "../../conditions/context.js";
import type { Step } from "../../model/automation.js";
import { pathText } from "../../model/condition.js";
import type { Json, JsonObject } from "../../model/json.js";
import type { RunStatus, StepError, StepSnapshot } from "../../model/run.js";
import type { ProfileViolation } from "../../model/security-profile.js";
import { conditionText } from "../../conditions/syntax/text.js";

/** Where the result of an attempt comes from: a stub, an example of the type's outputs, or the engine, which computes `set` and `assert` itself. */
export type ResultOrigin = "STUB" | "PLACEHOLDER" | "COMPUTED";

export type SimulatedAttempt = {
  /** From 1. */
  readonly attempt: number;
  readonly isCompensation: boolean;
  /** Type of the work. */
  readonly type: string;
  readonly at: string;
  /** With secrets masked. Null: its expressions cannot be evaluated, or the step falls back to another automation. */
  readonly input: JsonObject | null;
  readonly end: "SUCCEEDED" | "FAILED" | "LOST" | "PENDING";
  readonly origin: ResultOrigin;
  readonly outputs: JsonObject | null;
  readonly error: StepError | null;
};

export type SimulatedCondition = {
  readonly text: string;
  readonly holds: boolean;
  /** The values that it read, by path. Absent ones are null. */
  readonly values: readonly { readonly path: string; readonly value: Json }[];
  readonly failures: readonly ConditionFailure[];
};

export type SimulatedRunStep = {
  readonly step: string;
  readonly title: string;
  readonly type: string;
  /** Of the item of a list; null: the step itself. */
  readonly index: number | null;
  readonly item: Json;
  readonly status: StepSnapshot["status"];
  readonly condition: SimulatedCondition | null;
  /** Why it is skipped or canceled; null: it is not. */
  readonly reason: string | null;
  readonly attempts: readonly SimulatedAttempt[];
  readonly outputs: JsonObject | null;
  readonly error: StepError | null;
};

/** What a run would do beyond its steps. */
export type SimulatedRunEffect = {
  readonly kind: "FALL_BACK" | "NOTIFY_FAILURE" | "INCIDENT" | "STOP";
  readonly step: string;
  /** Key of the automation, roles and users to notify, the message, or the steps that are told to stop. */
  readonly text: string;
  readonly inputs: JsonObject | null;
  readonly at: string;
};

export type SimulatedRun = {
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly endedAt: string;
  /** The step that ends the run by its failure. */
  readonly failedStep: string | null;
  readonly outputs: JsonObject | null;
  /** In the order in which they begin, are skipped or are canceled; then those that the run does not reach. */
  readonly steps: readonly SimulatedRunStep[];
  readonly effects: readonly SimulatedRunEffect[];
  /** What the security profile refuses before anything begins. The simulation continues. */
  readonly violations: readonly ProfileViolation[];
  /** Why the run has not ended: what it waits for, or the limit that the simulation has reached. */
  readonly unfinished: string | null;
};

/** Shows a condition with the values that it read. */
export function conditionReport({ tree, source }: NonNullable<Step["when"]>, context: Context): SimulatedCondition {
  const result = evaluateCondition(tree, context);
  const paths = new Map(pathsOf(tree).map((path) => [pathText(path), path]));
  const values = [...paths].map(([text, path]) => ({ path: text, value: (evaluateOperand({ path }, context) ?? null) as Json }));
  return { text: source ?? conditionText(tree), holds: result.holds, values, failures: result.holds ? [] : result.failures };
}
