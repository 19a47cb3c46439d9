import { existsSync, readFileSync } from "node:fs";
import { toConfig } from "./config.js";
import type { Config } from "./config.js";
import { settings } from "./settings.js";
import type { SettingName, SettingValues } from "./settings.js";

/** Everything that is wrong with the configuration, each with its setting's name. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const defaultFile = "weft.config.json";

/**
 * Reads the configuration: overrides (of the composition root) > environment > file > defaults. An empty variable counts as absent.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  overrides: Partial<Record<SettingName, string | number>> = {},
): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  const file = readFile(env, problems);
  for (const [name, { schema }] of Object.entries(settings)) {
    const given = overrides[name as SettingName] ?? presence(env[name]) ?? file.values[name];
    const parsed = schema.safeParse(given);
    if (!parsed.success)
      problems.push(`${name}: ${parsed.error.issues.map((issue) => issue.message).join("; ")}${origin(name, env, file)}`);
    else if (parsed.data !== undefined) values[name] = parsed.data;
  }
  if (problems.length === 0) problems.push(...contradictions(values as SettingValues));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values as SettingValues);
}

const presence = (text: string | undefined): string | undefined => (text === undefined || text.trim() === "" ? undefined : text.trim());

function origin(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  file: { path: string; values: Record<string, unknown> },
): string {
  if (presence(env[name]) !== undefined) return " (from the environment)";
  return Object.hasOwn(file.values, name) ? ` (from ${file.path})` : "";
}

function readFile(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): { path: string; values: Record<string, unknown> } {
  const named = presence(env["WEFT_CONFIG_FILE"]);
  const path = named ?? defaultFile;
  if (!existsSync(path)) {
    if (named !== undefined) problems.push(`WEFT_CONFIG_FILE: there is no file ${path}`);
    return { path, values: {} };
  }
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof content !== "object" || content === null || Array.isArray(content)) throw new Error("it must hold one JSON object");
    const unknown = Object.keys(content).filter((name) => !Object.hasOwn(settings, name));
    if (unknown.length > 0) problems.push(...unknown.map((name) => `${name}: there is no such setting (from ${path})`));
    // Lists may be written as lists.
    const entries = Object.entries(content).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value] as const);
    return { path, values: Object.fromEntries(entries) };
  } catch (error) {
    problems.push(`WEFT_CONFIG_FILE: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return { path, values: {} };
  }
}

/** What no single setting can know; production also refuses what only a demo may have. */
function contradictions(values: SettingValues): string[] {
  const problems: string[] = [];
  if (values.WEFT_MODE !== "production") return problems;
  if (values.WEFT_CORS_ORIGINS.includes("*"))
    problems.push("WEFT_CORS_ORIGINS: production does not open the API to every origin; name the origins");
  if (values.SMTP_URL !== undefined && values.WEFT_PUBLIC_URL === undefined)
    problems.push("WEFT_PUBLIC_URL: is not set, and mails need it (SMTP_URL): their links begin with it");
  for (const name of ["DATABASE_OWNER_URL", "DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_AUTH_URL", "REDIS_URL", "SMTP_URL"] as const) {
    const url = values[name];
    if (url !== undefined && isDefaultSecret(passwordIn(url))) {
      problems.push(`${name}: its password is a well-known default; production does not start with it`);
    }
  }
  return problems;
}

/** As it is written where it is no proper encoding: whatever it means then, it is no well-known default. */
function passwordIn(url: string): string {
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

const isDefaultSecret = (secret: string): boolean =>
  ["postgres", "password", "weft", "admin", "admin123", "secret", "changeme", "redis"].includes(secret.toLowerCase());
