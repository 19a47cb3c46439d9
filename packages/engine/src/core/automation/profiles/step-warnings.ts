import type { CompileOptions } from "../../model/compile-options.js";
import { didYouMean, problemList, quote, type Path, type Problem } from "../../model/problems.js";
import type { ProfileViolation } from "../../model/security-profile.js";
import { secretsReadBy } from "../secrets/secret-names.js";
import { worksOf, type PlacedGraph } from "../step-works.js";

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
      for (const name of new Set(worksOf(step).flatMap((work) => [...secretsReadBy(graph, work).secrets])))
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
