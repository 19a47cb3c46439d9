import { setImmediate } from "node:timers/promises";
import { tryScenarios, type ScenarioReport } from "@weft/engine";
import { DefinitionInvalid, QueryLimitExceeded, type Context } from "@weft/shared";
import { assertCanCompute, spendComputing } from "../computing-budget.js";

/** What the scenarios of one operation may compute. A step is bounded, so it is passed by little; between two others are served. */
const MAX_COMPUTING_MS = 1000;

const computed = new WeakMap<Context, number>();

/** What stands between a text and its publication. @throws DefinitionInvalid with everything that is not as a scenario says */
export async function assertScenariosPass(ctx: Context, text: { readonly source: string; readonly format: string }): Promise<void> {
  const failures = (await tryAll(ctx, text)).flatMap(({ name, failures: found }) =>
    found.map((one) => ({ ...one, message: `Scenario "${name}": ${one.message}` })),
  );
  if (failures.length > 0) throw new DefinitionInvalid(failures.slice(0, 100));
}

/** Others are served between the steps, and one operation does not keep the process busy for long. @throws QueryLimitExceeded */
export async function tryAll(
  ctx: Context,
  { source, format }: { readonly source: string; readonly format: string },
): Promise<readonly ScenarioReport[]> {
  const run = tryScenarios(source, format === "JSON" ? "json" : format === "YAML" ? "yaml" : "auto");
  // Reading the text is bounded by its size.
  let next = run.next();
  while (!next.done) {
    assertCanCompute(ctx);
    await setImmediate();
    const began = performance.now();
    next = run.next();
    // An operation may ask for several at once.
    const tookMs = performance.now() - began;
    const spent = (computed.get(ctx) ?? 0) + tookMs;
    computed.set(ctx, spent);
    spendComputing(ctx, tookMs);
    if (spent > MAX_COMPUTING_MS)
      throw new QueryLimitExceeded({ limit: "scenarioComputingMs", actual: Math.round(spent), max: MAX_COMPUTING_MS });
  }
  return next.value;
}
