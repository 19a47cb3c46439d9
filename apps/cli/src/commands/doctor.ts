import { type Config, ConfigError, openConfig, StartRefused } from "@weft/platform/config";
import { runningPort } from "@weft/standalone/supervisor/data-lock";
import { exitCodes } from "../cli-error.js";
import { checkDatabase, checkDisk, checkKeys, checkNode, checkPort, checkPrograms, checkRedis } from "../doctor/checks.js";
import { linesOf } from "../doctor/lines.js";
import { ownDatabase } from "../doctor/own-database.js";
import type { Io, Result } from "../io.js";
import type { DoctorCheck, DoctorOutput } from "../output/outputs.js";
import { openServer } from "../server.js";
import { targetOf, type SettingsSource } from "../settings/settings.js";

/** Checks an installation by its settings, on the machine where it runs. */
export async function doctor(io: Io, source: SettingsSource): Promise<Result<DoctorOutput>> {
  const checks: DoctorCheck[] = [{ name: "node", ...checkNode(process.versions.node) }];
  const opened = await readConfig(io, checks);
  if (opened) checks.push(...(await checkInstallation(opened.config).finally(() => opened.end())));
  checks.push(await checkProfile(io, source));
  const isHealthy = checks.every(({ status }) => status !== "failure");
  return {
    data: { isHealthy, checks },
    text: [
      ...checks.flatMap((one) => linesOf(io, one)),
      isHealthy ? "The installation is in order." : "The installation has problems.",
    ].join("\n"),
    exitCode: isHealthy ? exitCodes.ok : exitCodes.failed,
  };
}

interface Opened {
  readonly config: Config;
  /** Gives credentials back that a Vault-compatible server has created for this command. */
  readonly end: () => Promise<void>;
}

async function readConfig({ env }: Io, checks: DoctorCheck[]): Promise<Opened | null> {
  try {
    const { config: set, secrets } = await openConfig(env);
    // A Weft that was started with another port than this shell would use.
    const config = env["PORT"] ? set : { ...set, port: runningPort(set.dataDir) ?? set.port };
    checks.push({ name: "settings", status: "ok", message: `valid, mode ${config.mode}`, advice: null });
    return { config, end: () => secrets.stop() };
  } catch (error) {
    if (error instanceof StartRefused) {
      checks.push({
        name: "settings",
        status: "failure",
        message: error.message,
        advice: "Weft needs the server of its secrets to start.",
      });
      return null;
    }
    if (!(error instanceof ConfigError)) throw error;
    const advice = "`weft config show --installation` shows where each setting is from.";
    checks.push({ name: "settings", status: "failure", message: error.problems.join("; "), advice });
    return null;
  }
}

async function checkInstallation(config: Config): Promise<DoctorCheck[]> {
  const [database, redis, sandbox, port, disk] = await Promise.all([
    checkDatabases(config),
    checkRedis(config.redisUrl),
    checkPrograms(config.sandbox),
    checkPort(config),
    checkDisk(config.dataDir),
  ]);
  return [
    ...database,
    { name: "redis", ...redis },
    { name: "keys", ...checkKeys(config) },
    { name: "sandbox", ...sandbox },
    { name: "port", ...port },
    { name: "disk", ...disk },
  ];
}

async function checkDatabases({ database }: Config): Promise<DoctorCheck[]> {
  const url = database.ownerUrl ?? database.appUrl ?? ownDatabase();
  if (url === null)
    return [
      {
        name: "database",
        status: "warning",
        message: "No database is set, and Weft does not run here.",
        advice: "`npx --yes pnpm start` brings its own PostgreSQL. For production, set DATABASE_OWNER_URL or DATABASE_URL.",
      },
    ];
  return (await checkDatabase(url)).map(({ name, found }) => ({ name, ...found }));
}

/** The security profile of the organization that is logged in, from the API. */
async function checkProfile(io: Io, source: SettingsSource): Promise<DoctorCheck> {
  const name = "profile";
  try {
    const { effectiveConfiguration } = await openServer(io, targetOf(source)).run<{ effectiveConfiguration: { value: Automation } }>(
      "query Profile { effectiveConfiguration { value } }",
    );
    const { securityProfile = "standard", ownSecurityProfile } = effectiveConfiguration.value.automation ?? {};
    const own = ownSecurityProfile ? `, narrowed by ${ownSecurityProfile}` : "";
    return { name, status: "ok", message: `Automations run with the security profile ${securityProfile}${own}.`, advice: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { name, status: "skipped", message: `The security profile is not known: ${message}`, advice: null };
  }
}

interface Automation {
  readonly automation?: { readonly securityProfile?: string; readonly ownSecurityProfile?: string };
}
