import type { CompileOptions } from "../../model/compile-options.js";
import type { Machine } from "../../model/machine.js";
import { didYouMean, problemList, quote, type Path, type Problem } from "../../model/problems.js";
import type { StepGraph } from "../../model/automation.js";
import type { ProfileViolation } from "../../model/security-profile.js";
import { secretsReadBy } from "../secrets/secret-names.js";

/** Steps of a machine, and where they are written. */
export type PlacedGraph = { readonly graph: StepGraph; readonly path: Path };

/** Returns the graphs of a machine. Those of an automation are written at the top. */
export const graphsOf = ({ states }: Machine): readonly PlacedGraph[] =>
  [...states.values()].flatMap(({ name, run }) =>
    run ? [{ graph: run.graph, path: run.graph.root === "inputs" ? [] : ["states", name, "run"] }] : [],
  );

export type EvaluatedGraphPlace = PlacedGraph & { readonly violations: readonly ProfileViolation[] };

/**
 * Reports what is valid in the text, but would fail today: what the security profile refuses, and secrets that do not exist.
 * @param secrets names of the secrets of the tenant; null: the reader cannot see them
 */
export function checkSteps(
  graphs: readonly EvaluatedGraphPlace[],
  secrets: ReadonlySet<string> | null,
  options: Pick<CompileOptions, "locate"> = {},
): readonly Problem[] {
  const problems = problemList(options);
  for (const { graph, path, violations } of graphs) {
    const ids = [...graph.steps.keys()];
    const placeOf = (step: string): Path => [...path, "steps", ids.indexOf(step)];
    for (const { step, message } of violations)
      problems.add(step === null ? [...path, "profile"] : placeOf(step), "PROFILE_VIOLATION", message);
    if (secrets === null) continue;
    for (const step of graph.steps.values()) {
      const works = [step, ...(step.compensate ? [step.compensate] : [])];
      for (const name of new Set(works.flatMap((work) => [...secretsReadBy(graph, work).secrets])))
        if (!secrets.has(name))
          problems.add(
            placeOf(step.id),
            "UNKNOWN_SECRET",
            `There is no secret ${quote(name)}, so the step would fail.${didYouMean(name, secrets)}`,
          );
    }
  }
  return problems.problems;
}
