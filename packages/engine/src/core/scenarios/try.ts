import type { CompileOptions } from "../compile-options.js";
import type { Machine } from "../machine.js";
import { problemList, type Problem } from "../problems.js";
import type { InstanceStatus } from "../snapshot.js";
import { runScenarios } from "./run.js";

const MAX_MESSAGE_CHARS = 1000;

/** What became of one scenario. */
export type ScenarioReport = {
  readonly name: string;
  /** None: it passed. Each with its place in the text. */
  readonly failures: readonly Problem[];
  /** The states that it entered, in order; empty when it could not be started. */
  readonly path: readonly string[];
  readonly status: InstanceStatus | null;
};

/**
 * Runs the scenarios of a machine: one `next` a step, each bounded as a firing is, and at the end a report for each. The machine was compiled without `readId`, so that
 * ids stand for themselves and people may be called by any name.
 * @param places where the paths of the text are, in steps; asked when a scenario failed
 */
export function* tryScenarios(
  machine: Machine,
  places: () => Generator<void, NonNullable<CompileOptions["locate"]>, void>,
): Generator<void, readonly ScenarioReport[], void> {
  const results = yield* runScenarios(machine);
  const locate = results.some(({ failures }) => failures.length > 0) ? yield* places() : undefined;
  return results.map(({ name, failures, end }) => {
    const found = problemList(locate && { locate });
    for (const { path, message } of failures) found.add(path, "SCENARIO_FAILED", cut(message));
    return { name, failures: found.problems, path: end?.visited ?? [], status: end?.snapshot.status ?? null };
  });
}

/** A way of five thousand states helps nobody. */
const cut = (message: string): string => (message.length > MAX_MESSAGE_CHARS ? `${message.slice(0, MAX_MESSAGE_CHARS - 1)}…` : message);
