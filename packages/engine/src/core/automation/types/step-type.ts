import type { CheckInput, StepType } from "../../model/automation.js";
import type { JsonObject } from "../../model/json.js";
import { problemList } from "../../model/problems.js";
import { compileObjectSchema } from "../../schema/compile.js";

/** A step type as its file declares it. */
export type StepTypeSource = {
  /** Lowercase letters and underscores, such as `for_each`. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly description: string;
  /** JSON Schema of `with`. */
  readonly input: { readonly required?: readonly string[]; readonly properties: object };
  /** JSON Schema of the outputs. Omitted: the outputs are not known before the step has ended. */
  readonly outputs?: { readonly properties: object; readonly additionalProperties?: boolean };
  /** Schemas of outputs that depend on `with`, by their names, such as the outcomes of a task. `with` can have problems. Omitted: none depends on it. */
  readonly outputsOf?: (input: JsonObject) => JsonObject;
  /** Names of the members of `with` that can contain secrets. Omitted: none. */
  readonly secretInputs?: readonly string[];
  /**
   * Names of the members of `with` whose own members can be secret inputs of the run, because the type passes them on to another run, which seals them.
   * Secrets of the tenant cannot be passed on: their limits, such as hosts, would be lost. Omitted: none.
   */
  readonly sealedInputs?: readonly string[];
  /** Members of `with` that contain no expressions, because their values would become code or rights, with the reason and what to do. Omitted: none. */
  readonly literalInputs?: Readonly<Record<string, string>>;
  /** Checks what the schema cannot express, when the definition is saved. */
  readonly check?: CheckInput;
  /** Whether a worker goes on with the work after a wait. Omitted: the step has succeeded when the wait is over. */
  readonly goesOn?: boolean;
};

/**
 * Declares a step type. A host application calls it for its own types.
 * @throws Error if a schema is not one
 */
export function stepType({
  name,
  description,
  input,
  outputs,
  outputsOf,
  secretInputs = [],
  sealedInputs = [],
  literalInputs = {},
  check,
  goesOn = false,
}: StepTypeSource): StepType {
  const problems = problemList();
  const compiled = compileObjectSchema({ additionalProperties: false, ...input }, ["input"], problems);
  const compiledOutputs = outputs ? compileObjectSchema({ additionalProperties: false, ...outputs }, ["outputs"], problems) : null;
  const [problem] = problems.problems;
  if (problem || !compiled) throw new Error(`The step type ${name} has an invalid schema: ${problem?.path}: ${problem?.message}`);
  return {
    name,
    description,
    input: compiled,
    outputs: compiledOutputs,
    secretInputs,
    sealedInputs,
    literalInputs: new Map(Object.entries(literalInputs)),
    ...(outputsOf && { outputsOf }),
    ...(check && { check }),
    goesOn,
  };
}
