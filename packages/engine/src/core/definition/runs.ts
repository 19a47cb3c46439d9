/** The `run` of a state: steps that entering it starts. Their expressions read the data as it was then. */
import { readGraph } from "../automation/graph.js";
import { readObject, type Reading } from "../document/reader.js";
import type { StateRun } from "../model/automation.js";
import type { Path } from "../model/problems.js";
import { readFollowUp } from "./actions.js";

const KEYS = ["steps", "outputs", "concurrency", "profile", "into", "then", "onFailure"];

export function readRun(reading: Reading, value: unknown, path: Path): StateRun | null {
  if (value === undefined) return null;
  const { problems, data, options } = reading;
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  const graph = readGraph(problems, source, path, { inputs: { root: "data", schema: data, secrets: new Set() }, types: options.stepTypes });
  const followUp = readFollowUp(reading, source, path, { data, input: null, isAction: true });
  if (followUp.onSuccess === null && followUp.into === null)
    problems.add(
      [...path, "then"],
      "MISSING",
      "Nothing follows from these steps. Add `then`, the transition that their success fires, or `into`.",
    );
  return graph && { graph, followUp };
}
