import { CliError, exitCodes, usageError } from "../cli-error.js";
import type { Io } from "../io.js";
import type { Server } from "../server.js";
import { compileFile, placed, runScenarios, validFiles } from "./compile-file.js";
import { deployOrder } from "./deploy-order.js";
import { planFile, type Plan } from "./deployment.js";
import { readDefinitionFiles } from "./files.js";

/**
 * Compares definitions with the server's, those that others start first. Nothing is written.
 * @throws CliError with all problems of all files, and for scenarios that fail
 */
export async function planFiles(
  { cwd }: Pick<Io, "cwd">,
  server: Server,
  { paths, environment }: { readonly paths: readonly string[]; readonly environment: string },
): Promise<Plan[]> {
  const compiled = validFiles(readDefinitionFiles(cwd, paths).map((file) => compileFile(file)));
  if (compiled.length === 0) throw usageError(`There is no definition in ${paths.join(", ")}.`);
  const failures = compiled.flatMap((one) =>
    runScenarios(one).flatMap((report) => report.failures.map((found) => placed(one.file.file, found))),
  );
  if (failures.length > 0) throw new CliError("A scenario failed.", exitCodes.failed, "SCENARIO_FAILED", failures);
  const definitions = compiled.map((one) => ({ ...one, key: one.machine.key }));
  const twice = definitions.find(({ key }, at) => definitions.findIndex((other) => other.key === key) !== at);
  if (twice)
    throw new CliError(
      `Several files define ${JSON.stringify(twice.key)}: the second is ${twice.file.file}.`,
      exitCodes.failed,
      "SAME_KEY",
    );
  const plans: Plan[] = [];
  for (const one of deployOrder(definitions)) plans.push(await planFile(server, one, environment));
  return plans;
}
