import type { CompileOptions } from "../model/compile-options.js";
import type { Machine } from "../model/machine.js";
import { problemList, type Problem } from "../model/problems.js";
import type { InstanceStatus } from "../model/snapshot.js";
import { runScenarios } from "./run.js";

const MAX_MESSAGE_CHARS = 1000;

/** The result of one scenario. */
export type ScenarioReport = {
  readonly name: string;
  /** Empty: it passed. Each failure has its place in the text. */
  readonly failures: readonly Problem[];
  /** The states that it entered, in order; empty if it could not be started. */
  readonly path: readonly string[];
  readonly status: InstanceStatus | null;
};

/**
 * Runs the scenarios of a machine: one `next` per step, each bounded like a firing, and finally a report for each scenario. The machine was compiled
 * without `readId`, so that IDs are used as they are and people can have any name.
 * @param places where the paths of the text are, in steps; called if a scenario failed
 * @param types step types of automations; those of Weft if absent
 */
export function* tryScenarios(
  machine: Machine,
  places: () => Generator<void, NonNullable<CompileOptions["locate"]>, void>,
  types?: CompileOptions["stepTypes"],
): Generator<void, readonly ScenarioReport[], void> {
  const results = yield* runScenarios(machine, types);
  const locate = results.some(({ failures }) => failures.length > 0) ? yield* places() : undefined;
  return results.map(({ name, failures, end }) => {
    const found = problemList(locate && { locate });
    for (const { path, message } of failures) found.add(path, "SCENARIO_FAILED", cut(message));
    return { name, failures: found.problems, path: end?.visited ?? [], status: end?.snapshot.status ?? null };
  });
}

/** A path of five thousand states would not be useful. */
const cut = (message: string): string => (message.length > MAX_MESSAGE_CHARS ? `${message.slice(0, MAX_MESSAGE_CHARS - 1)}…` : message);
