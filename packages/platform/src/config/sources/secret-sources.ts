/** Where the values of secret settings come from: the setting itself, a file (`NAME_FILE`), or a Vault-compatible server (`NAME_VAULT`). */
import { readFileSync } from "node:fs";
import { type SecretName, secretNames, type SettingName, settings } from "../settings.js";
import { withCredentials } from "./with-credentials.js";

/** A secret of a Vault-compatible server: the field with the value or, without one, the user name and the password of a URL. */
export interface VaultReference {
  readonly path: string;
  readonly field?: string;
}

/** Source of a secret setting that is not only the setting itself. */
export interface SecretSource {
  readonly name: SecretName;
  /** Text of the setting, if there is one. */
  readonly written?: string;
  readonly file?: string;
  readonly vault?: VaultReference;
}

/** Contents of secrets of the server, by path. */
export type VaultContents = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Settings as a level of configuration has them: the environment, or the file. */
type Level = (name: string) => string | undefined;

export const fileSuffix = "_FILE";
export const vaultSuffix = "_VAULT";

const reference = /^((?:[\w-][\w.-]*\/)+[\w-][\w.-]*)(?:#([\w.-]+))?$/;

/**
 * Returns the sources of the secret settings that have one. The environment takes precedence over the file; in each of them, a setting has one source.
 * @param problems receives what is wrong with them
 */
export function secretSources(levels: readonly Level[], problems: string[]): SecretSource[] {
  problems.push(...misplaced(levels));
  return secretNames.flatMap((name) => {
    const value = firstOf(levels, name, problems);
    const credentials = credentialsOf(levels, name, problems);
    if (credentials !== undefined && value === undefined)
      problems.push(`${name}${vaultSuffix}: without #FIELD, it adds a user name and a password to ${name}, which is not set`);
    if (credentials !== undefined && value?.vault !== undefined)
      problems.push(`${name}${vaultSuffix}: is set twice, in the environment and in the file`);
    if (credentials === undefined && (value === undefined || value.written !== undefined)) return [];
    return [{ name, ...value, ...(credentials && { vault: credentials }) }];
  });
}

type ValueSource = Omit<SecretSource, "name">;

/** The first level that has a source of the value. */
function firstOf(levels: readonly Level[], name: SecretName, problems: string[]): ValueSource | undefined {
  for (const level of levels) {
    const given = [
      ...ifGiven(level(name), (written) => ({ name, source: { written } })),
      ...ifGiven(level(`${name}${fileSuffix}`), (file) => ({ name: `${name}${fileSuffix}`, source: { file } })),
      ...ifGiven(level(`${name}${vaultSuffix}`), (text) => {
        const vault = parsed(text);
        return vault?.field === undefined ? undefined : { name: `${name}${vaultSuffix}`, source: { vault } };
      }),
    ];
    const [first, ...others] = given;
    if (first === undefined) continue;
    if (others.length > 0)
      problems.push(`${first.name}: is set together with ${others.map((one) => one.name).join(" and ")}. Keep one of them`);
    return first.source;
  }
  return undefined;
}

const ifGiven = <T>(text: string | undefined, make: (text: string) => T | undefined): T[] => {
  const made = text === undefined ? undefined : make(text);
  return made === undefined ? [] : [made];
};

/** Credentials of a lower level do not change a URL that the environment replaces: the two do not belong together. */
function credentialsOf(levels: readonly Level[], name: SecretName, problems: string[]): VaultReference | undefined {
  const level = levels.find((one) => [name, `${name}${fileSuffix}`, `${name}${vaultSuffix}`].some((given) => one(given) !== undefined));
  const ofLevel = level?.(`${name}${vaultSuffix}`);
  if (ofLevel === undefined) return undefined;
  const given = parsed(ofLevel);
  if (given === undefined)
    problems.push(`${name}${vaultSuffix}: must have the form PATH#FIELD, or PATH for the user name and password of a URL`);
  else if (given.field === undefined && !name.endsWith("_URL")) problems.push(`${name}${vaultSuffix}: must have the form PATH#FIELD`);
  else if (given.field === undefined) return given;
  return undefined;
}

function parsed(text: string): VaultReference | undefined {
  const [, path, field] = reference.exec(text) ?? [];
  return path === undefined ? undefined : { path, ...(field !== undefined && { field }) };
}

/** `PORT_FILE` would have no effect, and nobody would notice. */
function misplaced(levels: readonly Level[]): string[] {
  const secrets: ReadonlySet<string> = new Set(secretNames);
  const others = (Object.keys(settings) as SettingName[]).filter((name) => !secrets.has(name));
  const names = others
    .flatMap((name) => [`${name}${fileSuffix}`, `${name}${vaultSuffix}`])
    .filter((name) => !Object.hasOwn(settings, name));
  return names
    .filter((name) => levels.some((level) => level(name) !== undefined))
    .map((name) => `${name}: only settings with secrets can come from a file or a Vault-compatible server`);
}

/** Whether a name is that of a source of a secret setting. */
export const isSourceName = (name: string): boolean =>
  secretNames.some((one) => name === `${one}${fileSuffix}` || name === `${one}${vaultSuffix}`);

/** A value, or why there is none. Undefined: its secret of the server has not been read. */
export type ReadSecret = { readonly value: string } | { readonly problem: string } | undefined;

/** Reads the value of a source. Problems contain the names of settings, files and paths, and never a value. */
export function readSecret({ name, written, file, vault }: SecretSource, contents: VaultContents): ReadSecret {
  if (vault?.field !== undefined) return fieldOf(name, { path: vault.path, field: vault.field }, contents);
  const base = file === undefined ? { value: written ?? "" } : readSecretFile(name, file);
  if (vault === undefined || "problem" in base) return base;
  const content = contents.get(vault.path);
  if (content === undefined) return undefined;
  const { username, password } = content;
  if (typeof password !== "string" || (username !== undefined && typeof username !== "string"))
    return { problem: `${name}${vaultSuffix}: ${vault.path} has no password` };
  const url = withCredentials(base.value, { username, password });
  return url === null ? { problem: `${name}: is not a URL, to which ${vault.path} could add a password` } : { value: url };
}

function fieldOf(name: SecretName, { path, field }: Required<VaultReference>, contents: VaultContents): ReadSecret {
  const content = contents.get(path);
  if (content === undefined) return undefined;
  const value = Object.hasOwn(content, field) ? content[field] : undefined;
  if (typeof value === "string" && value.trim() !== "") return { value: value.trim() };
  return { problem: `${name}${vaultSuffix}: ${path} has no text in the field ${field}` };
}

function readSecretFile(name: SecretName, file: string): { readonly value: string } | { readonly problem: string } {
  try {
    const value = readFileSync(file, "utf8").trim();
    return value === "" ? { problem: `${name}${fileSuffix}: ${file} is empty` } : { value };
  } catch (error) {
    return { problem: `${name}${fileSuffix}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})` };
  }
}
