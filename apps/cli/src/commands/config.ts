import { ConfigError, loadConfig, shownSettings } from "@weft/platform/config";
import { envExample } from "@weft/platform/docs";
import { CliError, exitCodes, type CliProblem } from "../cli-error.js";
import { table, type Io, type Result } from "../io.js";
import type { ConfigOutput, TemplateOutput } from "../output/outputs.js";
import { cliSettings, resolveSettings, settingsFiles, type SettingsSource } from "../settings/settings.js";

export interface ConfigOptions {
  /** The settings of an installation instead of those of the command line. */
  readonly installation?: boolean;
}

/** Returns a file of settings to start with. */
export function configTemplate({ installation = false }: ConfigOptions): Result<TemplateOutput> {
  const values = Object.fromEntries(Object.entries(cliSettings).map(([name, setting]) => [name, setting.default ?? "acme"]));
  const content = installation ? envExample() : `${JSON.stringify(values, null, 2)}\n`;
  return { data: { content }, text: content.trimEnd() };
}

/** Shows every setting with where its value is from. Secrets are masked. */
export function configShow(io: Io, source: SettingsSource, options: ConfigOptions): Result<ConfigOutput> {
  const data = options.installation === true ? ofInstallation(io) : ofCommandLine(source);
  const rows = data.settings.map(({ name, value, origin, file }) => [
    name,
    file === null ? origin : `${origin} ${file}`,
    value ?? "(not set)",
  ]);
  const problems = data.problems.map(({ path, message }) => `error: ${path === "" ? "" : `${path}: `}${message}`);
  return { data, text: [table(rows), ...problems].join("\n"), exitCode: data.isValid ? exitCodes.ok : exitCodes.failed };
}

/** Checks the settings. */
export function configValidate(io: Io, source: SettingsSource, options: ConfigOptions): Result<ConfigOutput> {
  const { data, exitCode } = configShow(io, source, options);
  const problems = data.problems.map(({ path, message }) => `${path === "" ? "" : `${path}: `}${message}`);
  const files = data.files.filter(({ exists }) => exists).map(({ path }) => path);
  const valid = `The settings are valid. Files: ${files.join(", ") || "none"}.`;
  return { data, text: data.isValid ? valid : problems.join("\n"), ...(exitCode !== undefined && { exitCode }) };
}

function ofCommandLine(source: SettingsSource): ConfigOutput {
  const files = settingsFiles(source).map((file) => ({ ...file }));
  try {
    return { isValid: true, files, settings: resolveSettings(source), problems: [] };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { isValid: false, files, settings: [], problems: [...error.problems] };
  }
}

function ofInstallation({ env }: Io): ConfigOutput {
  const problems: CliProblem[] = [];
  try {
    // What is in a Vault-compatible server is not read to show where it is.
    loadConfig(env, {}, { vaultSecrets: "unread" });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems.map((message) => ({ path: "", message })));
  }
  const settings = shownSettings(env);
  const path = env["WEFT_CONFIG_FILE"] ?? "weft.config.json";
  return {
    isValid: problems.length === 0,
    files: [{ origin: "file", path, exists: settings.some(({ file }) => file !== null) }],
    settings,
    problems,
  };
}
