/** Client of the key-value store (version 2) of Vault-compatible servers. Source: the HTTP API of HashiCorp Vault, which OpenBao shares. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { VaultConfig } from "./config.js";
import { ConfigError } from "./load.js";
import { StartRefused } from "./start-refused.js";

const TIMEOUT_MS = 5_000;

const secretSchema = z.object({
  data: z.object({ data: z.record(z.string(), z.unknown()), metadata: z.object({ version: z.number().int() }) }),
});
const errorsSchema = z.object({ errors: z.array(z.string()) });

/** A secret, and its version, which a change names. */
export interface VaultSecret {
  readonly content: Readonly<Record<string, unknown>>;
  readonly version: number;
}

/** @throws ConfigError if the server refuses the token or does not have the secret; StartRefused if it cannot be reached or is sealed */
export async function readVaultSecret(vault: VaultConfig): Promise<VaultSecret> {
  const response = await sendToVault(vault, { method: "GET", ...keysOf(vault) });
  if (response.status === 404)
    throw new ConfigError([
      `WEFT_VAULT_KEYS: the server has no secret ${vault.path}, or its latest version was deleted. Create a keys file with \`pnpm keys FILE\`, and write its members there`,
    ]);
  const parsed = secretSchema.safeParse(response.body);
  if (!parsed.success)
    throw new ConfigError([
      `WEFT_VAULT_KEYS: ${vault.path} is not a secret of a key-value store of version 2. The path has the form MOUNT/data/NAME`,
    ]);
  const { data, metadata } = parsed.data.data;
  return { content: data, version: metadata.version };
}

/** Writes the next version of a secret. @throws ConfigError if it has another version by now, and as `readVaultSecret` */
export async function writeVaultSecret(vault: VaultConfig, { content, version }: VaultSecret): Promise<void> {
  const body = { options: { cas: version }, data: content };
  const { status } = await sendToVault(vault, { method: "POST", ...keysOf(vault), body });
  if (status === 404) throw new ConfigError([`WEFT_VAULT_KEYS: the server has no key-value store for ${vault.path}`]);
}

const keysOf = ({ path }: VaultConfig) => ({
  path,
  setting: "WEFT_VAULT_KEYS",
  hint: ". If another command has changed the keys, repeat this one",
});

interface VaultRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
  /** Name of the setting with the path, and what to do if the server refuses a request, for messages. */
  readonly setting: string;
  readonly hint?: string;
}

/** @throws ConfigError if the server refuses the token or the request; StartRefused if it cannot be reached or is sealed */
export async function sendToVault(
  vault: VaultConfig,
  { method, path, body, setting, hint = "" }: VaultRequest,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(new URL(`/v1/${path}`, vault.url), {
    method,
    headers: {
      "X-Vault-Token": tokenOf(vault),
      // Vault's agents and proxies refuse requests without it, because no page in a browser can send it.
      "X-Vault-Request": "true",
      ...(vault.namespace !== undefined && { "X-Vault-Namespace": vault.namespace }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // A redirect would send the token to another server.
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new StartRefused(`WEFT_VAULT_URL: ${vault.url} cannot be reached: ${reasonOf(error)}`, { isFinal: false, cause: error });
  });
  const text = await response.text();
  if (response.ok || response.status === 404) return { status: response.status, body: jsonOf(text) };
  const errors = errorsSchema.safeParse(jsonOf(text)).data?.errors.join("; ") ?? "";
  const answer = `answered with ${response.status}${errors === "" ? "" : ` (${errors.slice(0, 500)})`}`;
  if (response.status === 403)
    throw new ConfigError([`WEFT_VAULT_TOKEN_FILE: ${vault.url} ${answer}. The token is invalid, or its policies do not allow ${path}`]);
  if (response.status === 400) throw new ConfigError([`${setting}: ${vault.url} ${answer}${hint}`]);
  throw new StartRefused(`WEFT_VAULT_URL: ${vault.url} ${answer}. 503 means that it is sealed or in maintenance`, { isFinal: false });
}

/** Read for each request, because agents replace the file before the token expires. */
function tokenOf({ tokenFile }: VaultConfig): string {
  try {
    return readFileSync(tokenFile, "utf8").trim();
  } catch (error) {
    throw new ConfigError([
      `WEFT_VAULT_TOKEN_FILE: ${tokenFile} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    ]);
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || ((cause as NodeJS.ErrnoException).code ?? message) : message;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
