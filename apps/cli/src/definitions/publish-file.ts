import { usageError } from "../cli-error.js";
import type { Io } from "../io.js";
import type { Server } from "../server.js";
import type { Target } from "../settings/settings.js";
import { applyPlan, type Plan } from "./deployment.js";
import { planFiles } from "./plan-files.js";

/** Keys contain neither dots nor slashes, so what does is a file. */
export const isFileName = (definition: string): boolean => /[./\\]/.test(definition);

/**
 * Publishes the definition of a file, unless its newest version is the same. Without another environment, to DEV: what a command tries must not replace
 * what others use. There, warnings don't matter: what they are about fails when it is reached.
 */
export async function publishFile(
  io: Io,
  server: Server,
  { file, target }: { readonly file: string; readonly target: Target },
): Promise<{ readonly definitionKey: string; readonly environment: string }> {
  const environment = target.isEnvironmentGiven ? target.environment : "DEV";
  const plans = await planFiles(io, server, { paths: [file], environment });
  const [plan] = plans;
  if (!plan || plans.length > 1) throw usageError(`${file} contains several definitions. Name one file.`);
  // A draft with other text can be somebody else's work. It stays, and the file becomes a further version.
  const { key, version, action } = await applyPlan(server, withoutChangesOfDrafts(plan), {
    environment,
    acceptWarnings: environment === "DEV",
    message: undefined,
  });
  const { translation } = plan.compiled;
  if (translation) io.say(`${file} is in the short form. \`weft translate ${file}\` shows what it was turned into.`);
  if (action !== "unchanged") io.say(`Published version ${version} of ${key} to ${environment}.`);
  return { definitionKey: key, environment };
}

const withoutChangesOfDrafts = (plan: Plan): Plan =>
  plan.planned.action === "update" ? { ...plan, planned: { ...plan.planned, action: "create" } } : plan;
