import { existsSync, readFileSync } from "node:fs";
import { parsedBy } from "@weft/shared/texts";
import { ConfigError } from "./config-error.js";
import { toConfig } from "./config.js";
import type { Config } from "./config.js";
import { incompleteSettings } from "./incomplete.js";
import { openDemoProblems } from "./open-demo.js";
import { weakSettings } from "./production.js";
import { settings } from "./settings.js";
import type { SecretName, SettingName, SettingValues } from "./settings.js";
import { isSourceName, readSecret, type SecretSource, secretSources, type VaultContents, vaultSuffix } from "./sources/secret-sources.js";

export { ConfigError };

const defaultFile = "weft.config.json";

type Env = Readonly<Record<string, string | undefined>>;
type Overrides = Partial<Record<SettingName, string | number>>;

/**
 * Reads the configuration. Precedence: overrides (of the composition root), environment, file, defaults. An empty variable counts as unset. Secrets can be in
 * files; `openConfig` also reads those of a Vault-compatible server.
 * @param vaultSecrets `unread`: the settings whose secrets are in the server are omitted, and not missed
 * @throws ConfigError with all problems at once
 */
export function loadConfig(env: Env, overrides: Overrides = {}, { vaultSecrets }: { readonly vaultSecrets?: "unread" } = {}): Config {
  const { values, problems, unread } = readSettings(env, overrides);
  if (unread.length > 0 && vaultSecrets !== "unread")
    problems.push(...unread.map((name) => `${name}${vaultSuffix}: this command does not read secrets from a Vault-compatible server`));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values as SettingValues);
}

/** Whether a setting has a value or a source of one, valid or not. */
export function isGiven(env: Env, name: SecretName): boolean {
  const file = readConfigFile(env, []);
  return (
    presence(env[name]) !== undefined || file.values[name] !== undefined || sourcesOf(env, file.values).some((one) => one.name === name)
  );
}

/** Returns the sources of secrets, valid or not. @param fileValues content of the file of settings */
export const sourcesOf = (env: Env, fileValues: Readonly<Record<string, unknown>>): SecretSource[] =>
  secretSources(levelsOf(env, fileValues), []);

/** Settings as they were read, with everything that is wrong with them. */
interface ReadSettings {
  readonly values: Partial<SettingValues>;
  readonly problems: string[];
  readonly sources: readonly SecretSource[];
  /** Settings whose secrets of the server are not among the contents. Nothing is said about settings that depend on them. */
  readonly unread: readonly SecretName[];
  /** Returns what is wrong with other values of secrets, which replace these. */
  readonly problemsOf: (secrets: ReadonlyMap<SecretName, string>) => string[];
}

/** @param contents what was read from the server */
export function readSettings(env: Env, overrides: Overrides = {}, contents: VaultContents = new Map()): ReadSettings {
  const problems: string[] = [];
  const file = readConfigFile(env, problems);
  const sources = secretSources(levelsOf(env, file.values), problems).filter(({ name }) => overrides[name] === undefined);
  const unread: SecretName[] = [];
  const secrets = new Map<string, string | undefined>();
  for (const source of sources) {
    const read = readSecret(source, contents);
    secrets.set(source.name, read !== undefined && "value" in read ? read.value : undefined);
    if (read === undefined) unread.push(source.name);
    else if ("problem" in read) problems.push(read.problem);
  }
  const givenOf = (name: string): unknown =>
    overrides[name as SettingName] ?? (secrets.has(name) ? secrets.get(name) : (presence(env[name]) ?? file.values[name]));
  const { values, problems: invalid } = parseSettings(givenOf, (name) => origin(name, { env, file, sources }));
  const isModeGiven = givenOf("WEFT_MODE") !== undefined;
  // Also checked if other settings are invalid, so that the error contains all problems to fix.
  const combined = problemsTogether(values, { env, isModeGiven }).filter(
    (problem) => !unread.some((name) => problem.startsWith(`${name}:`)),
  );
  const vaultProblems = sources.some(({ vault }) => vault) && values.WEFT_VAULT_URL === undefined ? missingServer(sources) : [];
  return {
    values,
    problems: [...problems, ...invalid, ...vaultProblems, ...combined],
    sources,
    unread,
    problemsOf: (replaced) => {
      const given = (name: string): unknown => replaced.get(name as SecretName) ?? givenOf(name);
      const next = parseSettings(given, (name) => origin(name, { env, file, sources }));
      return [...next.problems, ...problemsTogether(next.values, { env, isModeGiven })];
    },
  };
}

const missingServer = (sources: readonly SecretSource[]): string[] =>
  sources.flatMap(({ name, vault }) => (vault === undefined ? [] : [`WEFT_VAULT_URL: is required with ${name}${vaultSuffix}`]));

function parseSettings(
  givenOf: (name: string) => unknown,
  originOf: (name: string) => string,
): { readonly values: Partial<SettingValues>; readonly problems: string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, { schema }] of Object.entries(settings)) {
    const parsed = parsedBy<unknown>(schema, givenOf(name));
    if (!parsed.success)
      problems.push(`${name}: ${parsed.error.issues.map((issue) => issue.message.replace(/\.$/, "")).join("; ")}${originOf(name)}`);
    else if (parsed.data !== undefined) values[name] = parsed.data;
  }
  return { values, problems };
}

const problemsTogether = (
  values: Partial<SettingValues>,
  { env, isModeGiven }: { readonly env: Env; readonly isModeGiven: boolean },
): string[] => [...incompleteSettings(values), ...weakSettings(values, env), ...openDemoProblems(values, { isModeGiven })];

const levelsOf = (env: Env, fileValues: Readonly<Record<string, unknown>>) => [
  (name: string) => presence(env[name]),
  (name: string) => {
    const value = fileValues[name];
    return value === undefined || value === null ? undefined : presence(typeof value === "string" ? value : JSON.stringify(value));
  },
];

const presence = (text: string | undefined): string | undefined => (text === undefined || text.trim() === "" ? undefined : text.trim());

interface Origins {
  readonly env: Env;
  readonly file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> };
  readonly sources: readonly SecretSource[];
}

function origin(name: string, { env, file, sources }: Origins): string {
  const source = sources.find((one) => one.name === name);
  if (source?.vault !== undefined) return ` (from ${source.vault.path} of the server of WEFT_VAULT_URL)`;
  if (source?.file !== undefined) return ` (from ${source.file})`;
  if (presence(env[name]) !== undefined) return " (from the environment)";
  return Object.hasOwn(file.values, name) ? ` (from ${file.path})` : "";
}

/** Reads the file of settings, if there is one. Adds what is wrong with it to `problems`. */
export function readConfigFile(env: Env, problems: string[]): { path: string; values: Record<string, unknown> } {
  const named = presence(env["WEFT_CONFIG_FILE"]);
  const path = named ?? defaultFile;
  if (!existsSync(path)) {
    if (named !== undefined) problems.push(`WEFT_CONFIG_FILE: the file ${path} does not exist`);
    return { path, values: {} };
  }
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof content !== "object" || content === null || Array.isArray(content)) throw new Error("it must contain one JSON object");
    const unknown = Object.keys(content).filter((name) => !Object.hasOwn(settings, name) && !isSourceName(name));
    if (unknown.length > 0) problems.push(...unknown.map((name) => `${name}: unknown setting (from ${path})`));
    // Lists can be written as arrays.
    const entries = Object.entries(content).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value] as const);
    return { path, values: Object.fromEntries(entries) };
  } catch (error) {
    problems.push(`WEFT_CONFIG_FILE: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return { path, values: {} };
  }
}
