import { compiledTextSteps, placesIn, stepTypes, tryScenarios, type ScenarioReport } from "@weft/engine";
import { DefinitionInvalid, QueryLimitExceeded } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";

/** Processor time limit for the scenarios of one operation. */
const MAX_COMPUTING_MS = 1000;

const computed = new WeakMap<Context, number>();

/**
 * Checks that the scenarios pass, as publishing requires.
 * @throws DefinitionInvalid with all failures
 */
export async function assertScenariosPass(ctx: Context, text: { readonly source: string; readonly format: string }): Promise<void> {
  const failures = (await tryAll(ctx, text)).flatMap(({ name, failures: found }) =>
    found.map((one) => ({ ...one, message: `Scenario "${name}": ${one.message}` })),
  );
  if (failures.length > 0) throw new DefinitionInvalid(failures.slice(0, 100));
}

/**
 * Runs all scenarios. Other requests are served between the steps, and the computing time of one operation is limited.
 * @throws QueryLimitExceeded
 */
export async function tryAll(
  ctx: Context,
  { source, format }: { readonly source: string; readonly format: string },
): Promise<readonly ScenarioReport[]> {
  const { computing } = ctx;
  const { result } = await computing.runAll(compiledTextSteps(source, format, "verbatim"));
  if (!result.ok) return [];
  let before = computing.spentMs;
  return computing.runAll(
    tryScenarios(result.machine, () => placesIn(source, format), stepTypes()),
    () => {
      // Time is counted only between turns, which are short.
      const spent = (computed.get(ctx) ?? 0) + computing.spentMs - before;
      before = computing.spentMs;
      computed.set(ctx, spent);
      if (spent > MAX_COMPUTING_MS)
        throw new QueryLimitExceeded({ limit: "scenarioComputingMs", actual: Math.round(spent), max: MAX_COMPUTING_MS });
    },
  );
}
