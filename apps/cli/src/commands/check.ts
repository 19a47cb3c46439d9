import { ConfigError, openConfig, StartRefused } from "@weft/platform/config";
import { exitCodes } from "../cli-error.js";
import { checkKeys } from "../doctor/checks.js";
import { checkDatabaseSecurity, checkDemo, checkProductionSettings, checkServedDetails } from "../doctor/security.js";
import { linesOf } from "../doctor/lines.js";
import { ownDatabase } from "../doctor/own-database.js";
import type { Io, Result } from "../io.js";
import type { CheckOutput, DoctorCheck } from "../output/outputs.js";

/** Tests the security of an installation by its settings and its database, on the machine where it runs. Changes nothing. */
export async function check(io: Io): Promise<Result<CheckOutput>> {
  const checks = await checksOf(io.env);
  const isSecure = checks.every(({ status }) => status !== "failure");
  const count = checks.filter(({ status }) => status === "failure").length;
  return {
    data: { isSecure, checks },
    text: [
      ...checks.flatMap((one) => linesOf(io, one)),
      isSecure ? "No problem was found." : `${count} ${count === 1 ? "problem was" : "problems were"} found.`,
    ].join("\n"),
    exitCode: isSecure ? exitCodes.ok : exitCodes.failed,
  };
}

async function checksOf(env: Io["env"]): Promise<DoctorCheck[]> {
  let opened: Awaited<ReturnType<typeof openConfig>>;
  try {
    opened = await openConfig(env);
  } catch (error) {
    if (error instanceof StartRefused)
      return [{ name: "settings", status: "failure", message: error.message, advice: "Weft needs the server of its secrets to start." }];
    if (!(error instanceof ConfigError)) throw error;
    const advice = "Weft does not start with these settings. `weft config show --installation` shows where each one is from.";
    return error.problems.map((message) => ({ name: "settings", status: "failure", message, advice }));
  }
  const { config, secrets } = opened;
  try {
    return [
      ...checkDemo(config),
      ...checkProductionSettings(env, config),
      { name: "keys", ...checkKeys(config) },
      ...checkServedDetails(config),
      ...(await checkDatabaseSecurity(config, ownDatabase())),
    ];
  } finally {
    await secrets.stop();
  }
}
