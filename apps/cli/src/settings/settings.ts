import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CliError, exitCodes } from "../cli-error.js";

/** The settings of the command line, with the variable of the environment and the default of each. */
export const cliSettings = {
  url: { variable: "WEFT_URL", default: "http://127.0.0.1:4000", description: "URL of Weft." },
  tenant: { variable: "WEFT_TENANT", default: null, description: "Slug of the organization, for `weft login`." },
  environment: {
    variable: "WEFT_ENVIRONMENT",
    default: "PROD",
    description: "Environment of `weft deploy` and `weft run`: DEV, STAGING or PROD.",
  },
} as const;

export type CliSettingName = keyof typeof cliSettings;
export type SettingOrigin = "flag" | "environment" | "project" | "user" | "system" | "default";

export interface ResolvedSetting {
  readonly name: CliSettingName;
  readonly value: string | null;
  readonly origin: SettingOrigin;
  readonly file: string | null;
}

export interface SettingsFile {
  readonly origin: "project" | "user" | "system";
  readonly path: string;
  readonly exists: boolean;
}

export interface SettingsSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly flags?: Partial<Record<CliSettingName, string | undefined>>;
}

const names = Object.keys(cliSettings) as CliSettingName[];
const environments = ["DEV", "STAGING", "PROD"];
export const projectFileName = ".weft.json";

/** The folder of the user's settings and credentials. */
export function userFolder(env: SettingsSource["env"]): string {
  if (env["WEFT_CLI_DIR"]) return env["WEFT_CLI_DIR"];
  const base = env["XDG_CONFIG_HOME"] || (process.platform === "win32" && env["APPDATA"]) || join(env["HOME"] || homedir(), ".config");
  return join(base, "weft");
}

/** The files of settings, the strongest first. The project's is the nearest `.weft.json` up to the root of its repository. */
export function settingsFiles({ env, cwd }: SettingsSource): SettingsFile[] {
  const paths = [
    { origin: "project", path: projectFile(cwd) },
    { origin: "user", path: join(userFolder(env), "cli.json") },
    { origin: "system", path: env["WEFT_CLI_SYSTEM_FILE"] || "/etc/weft/cli.json" },
  ] as const;
  return paths.map((file) => ({ ...file, exists: existsSync(file.path) }));
}

function projectFile(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, projectFileName);
    if (existsSync(path)) return path;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return join(cwd, projectFileName);
  }
}

/**
 * Returns each setting with where it is from: flags, environment, files of the project, the user and the system, defaults.
 * @throws CliError with all problems
 */
export function resolveSettings(source: SettingsSource): ResolvedSetting[] {
  const problems: { path: string; message: string }[] = [];
  const files = settingsFiles(source)
    .filter(({ exists }) => exists)
    .map((file) => ({ ...file, values: readSettingsFile(file.path, problems) }));
  const resolved = names.map((name): ResolvedSetting => {
    const { variable, default: byDefault } = cliSettings[name];
    const flag = source.flags?.[name];
    if (flag !== undefined) return { name, value: flag, origin: "flag", file: null };
    const given = source.env[variable]?.trim();
    if (given) return { name, value: given, origin: "environment", file: null };
    const file = files.find(({ values }) => values[name] !== undefined);
    if (file) return { name, value: file.values[name] ?? null, origin: file.origin, file: file.path };
    return { name, value: byDefault, origin: "default", file: null };
  });
  for (const { name, value, origin, file } of resolved) {
    const message = value === null ? null : problemOf(name, value);
    if (message !== null) problems.push({ path: file === null ? whereOf(name, origin) : `${file}: ${name}`, message });
  }
  if (problems.length > 0) throw new CliError("The settings of the command line are invalid.", exitCodes.usage, "BAD_SETTINGS", problems);
  return resolved;
}

const whereOf = (name: CliSettingName, origin: SettingOrigin): string => (origin === "flag" ? `--${name}` : cliSettings[name].variable);

function problemOf(name: CliSettingName, value: string): string | null {
  if (name === "environment")
    return environments.includes(value) ? null : `${JSON.stringify(value)} is not an environment. Use DEV, STAGING or PROD.`;
  if (name !== "url") return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return `${JSON.stringify(value)} is not a URL. Use for example https://weft.example.com.`;
  return url.username === "" && url.password === "" ? null : "The URL must not contain a password. Log in with `weft login`.";
}

/** Reads a file of settings. Adds what is wrong with it to `problems`. */
export function readSettingsFile(path: string, problems: { path: string; message: string }[]): Partial<Record<CliSettingName, string>> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    problems.push({ path, message: `The file cannot be read: ${error instanceof Error ? error.message : String(error)}` });
    return {};
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    problems.push({ path, message: "The file must contain one JSON object." });
    return {};
  }
  const values: Partial<Record<CliSettingName, string>> = {};
  for (const [name, value] of Object.entries(content)) {
    if (name === "$schema") continue;
    if (!names.includes(name as CliSettingName))
      problems.push({ path: `${path}: ${name}`, message: `Unknown setting. Known settings: ${names.join(", ")}.` });
    else if (typeof value !== "string") problems.push({ path: `${path}: ${name}`, message: "The value must be a text." });
    else values[name as CliSettingName] = value;
  }
  return values;
}

/** Where commands go, and whether the project's file alone says so. */
export interface Target {
  /** Without a trailing slash. */
  readonly url: string;
  readonly isFromProject: boolean;
  readonly tenant: string | null;
  readonly environment: string;
  /** Whether an option or a variable says which environment. */
  readonly isEnvironmentGiven: boolean;
}

export function targetOf(source: SettingsSource): Target {
  const [url, tenant, environment] = resolveSettings(source);
  return {
    url: new URL(url?.value ?? cliSettings.url.default).href.replace(/\/+$/, ""),
    isFromProject: url?.origin === "project",
    tenant: tenant?.value ?? null,
    environment: environment?.value ?? cliSettings.environment.default,
    isEnvironmentGiven: environment?.origin === "flag" || environment?.origin === "environment",
  };
}

export const pathFrom = (cwd: string, path: string): string => resolve(cwd, path);
