import { existsSync, readFileSync } from "node:fs";
import { parsedBy } from "@weft/shared/texts";
import { toConfig } from "./config.js";
import type { Config } from "./config.js";
import { incompleteSettings } from "./incomplete.js";
import { openDemoProblems } from "./open-demo.js";
import { weakSettings } from "./production.js";
import { settings } from "./settings.js";
import type { SettingName, SettingValues } from "./settings.js";

/** All problems of the configuration, each with the name of its setting. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is invalid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const defaultFile = "weft.config.json";

/**
 * Reads the configuration. Precedence: overrides (of the composition root), environment, file, defaults. An empty variable counts as unset.
 * @throws ConfigError with all problems at once
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  overrides: Partial<Record<SettingName, string | number>> = {},
): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  const file = readConfigFile(env, problems);
  const givenOf = (name: string): unknown => overrides[name as SettingName] ?? presence(env[name]) ?? file.values[name];
  for (const [name, { schema }] of Object.entries(settings)) {
    const parsed = parsedBy<unknown>(schema, givenOf(name));
    if (!parsed.success)
      problems.push(
        `${name}: ${parsed.error.issues.map((issue) => issue.message.replace(/\.$/, "")).join("; ")}${origin(name, env, file)}`,
      );
    else if (parsed.data !== undefined) values[name] = parsed.data;
  }
  problems.push(...incompleteSettings(values));
  // Also checked if other settings are invalid, so that the error contains all problems to fix.
  problems.push(...weakSettings(values, env), ...openDemoProblems(values, { isModeGiven: givenOf("WEFT_MODE") !== undefined }));
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

/** Reads the file of settings, if there is one. Adds what is wrong with it to `problems`. */
export function readConfigFile(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): { path: string; values: Record<string, unknown> } {
  const named = presence(env["WEFT_CONFIG_FILE"]);
  const path = named ?? defaultFile;
  if (!existsSync(path)) {
    if (named !== undefined) problems.push(`WEFT_CONFIG_FILE: the file ${path} does not exist`);
    return { path, values: {} };
  }
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof content !== "object" || content === null || Array.isArray(content)) throw new Error("it must contain one JSON object");
    const unknown = Object.keys(content).filter((name) => !Object.hasOwn(settings, name));
    if (unknown.length > 0) problems.push(...unknown.map((name) => `${name}: unknown setting (from ${path})`));
    // Lists can be written as arrays.
    const entries = Object.entries(content).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value] as const);
    return { path, values: Object.fromEntries(entries) };
  } catch (error) {
    problems.push(`WEFT_CONFIG_FILE: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return { path, values: {} };
  }
}
