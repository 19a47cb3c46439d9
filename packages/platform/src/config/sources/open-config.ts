import { ConfigError } from "../config-error.js";
import { type Config, toConfig, type VaultConfig, vaultOf } from "../config.js";
import { readSettings } from "../load.js";
import type { SecretName, SettingName, SettingValues } from "../settings.js";
import { StartRefused } from "../start-refused.js";
import { FollowedSecrets } from "./follow-secrets.js";
import { FollowedPaths } from "./followed-paths.js";
import { type SecretSource, vaultSuffix } from "./secret-sources.js";
import { type PathSecret, readVaultPath } from "./vault-path.js";

/** A configuration, and the secrets in it that can be replaced. Whoever opens it stops it, after everything that uses the secrets. */
export interface OpenedConfig {
  readonly config: Config;
  readonly secrets: FollowedSecrets;
}

/**
 * Reads the configuration like `loadConfig`, and its secrets from a Vault-compatible server.
 * @throws ConfigError with all problems at once; StartRefused if only the server cannot be reached
 */
export async function openConfig(
  env: Readonly<Record<string, string | undefined>>,
  overrides: Partial<Record<SettingName, string | number>> = {},
): Promise<OpenedConfig> {
  const { vault, secrets, problems: unreadable, refusal } = await readFromServer(env, overrides);
  const contents = new Map([...secrets].map(([path, { content }]) => [path, content]));
  const { values, problems, sources, problemsOf } = readSettings(env, overrides, contents);
  const all = [...problems, ...unreadable];
  const failure = all.length > 0 ? new ConfigError(refusal === undefined ? all : [...all, refusal.message]) : refusal;
  if (failure !== undefined) {
    // What the server has created for a start that fails, and would otherwise keep until its time ends.
    await new FollowedPaths({ vault, secrets, settingOf: () => "WEFT_VAULT_URL" }).stop();
    throw failure;
  }
  const names = sources.map(({ name }) => name);
  const given = new Map(names.flatMap((name): [SecretName, string][] => (values[name] === undefined ? [] : [[name, values[name]]])));
  const followed = new FollowedSecrets({ sources, values: given, vault, secrets, problemsOf });
  const config = {
    ...toConfig(values as SettingValues),
    // The same object, so that the process logs in once.
    ...(vault !== undefined && { vault }),
    ...(sources.length > 0 && { secretChanges: followed }),
  };
  return { config, secrets: followed };
}

interface FromServer {
  readonly vault: VaultConfig | undefined;
  readonly secrets: ReadonlyMap<string, PathSecret>;
  readonly problems: readonly string[];
  readonly refusal?: StartRefused;
}

/** Reads each path once, also if several settings have fields of it: credentials that the server creates belong together. */
async function readFromServer(...given: Parameters<typeof openConfig>): Promise<FromServer> {
  const { values, sources } = readSettings(...given);
  const vault = vaultOf(values);
  const secrets = new Map<string, PathSecret>();
  const problems: string[] = [];
  const refusals: StartRefused[] = [];
  if (vault === undefined) return { vault, secrets, problems };
  await Promise.all(
    [...settingsByPath(sources)].map(async ([path, setting]) => {
      try {
        secrets.set(path, await readVaultPath(vault, path, setting));
      } catch (error) {
        if (error instanceof ConfigError) problems.push(...error.problems.map((problem) => withPath(problem, { path, setting })));
        else if (error instanceof StartRefused)
          refusals.push(new StartRefused(`${setting}: ${path}: ${error.message}`, { isFinal: false, cause: error }));
        else throw error;
      }
    }),
  );
  const [first] = refusals;
  if (first === undefined) return { vault, secrets, problems };
  return {
    vault,
    secrets,
    problems,
    refusal: new StartRefused(refusals.map(({ message }) => message).join("\n"), { isFinal: false, cause: first }),
  };
}

/** Problems of the login belong to other settings, but somebody looks for the setting whose secret is missing. */
const withPath = (problem: string, { path, setting }: { readonly path: string; readonly setting: string }): string =>
  problem.startsWith(`${setting}:`) ? problem : `${setting}: ${path}: ${problem}`;

function settingsByPath(sources: readonly SecretSource[]): Map<string, string> {
  const paths = new Map<string, string>();
  for (const { name, vault } of sources) if (vault && !paths.has(vault.path)) paths.set(vault.path, `${name}${vaultSuffix}`);
  return paths;
}
