/** Client of the key-value store (version 2) of Vault-compatible servers. Source: the HTTP API of HashiCorp Vault, which OpenBao shares. */
import { z } from "zod";
import { ConfigError } from "./config-error.js";
import type { VaultConfig } from "./config.js";
import { otherVaultToken, vaultToken } from "./vault-login.js";
import { requestVault, type VaultAnswer, VaultRefusal, type VaultRequest } from "./vault-request.js";

const secretSchema = z.object({
  data: z.object({ data: z.record(z.string(), z.unknown()), metadata: z.object({ version: z.number().int() }) }),
});

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

interface NamedRequest extends VaultRequest {
  /** Name of the setting with the path, and what to do if the server refuses a request, for messages. */
  readonly setting: string;
  readonly hint?: string;
}

/** An answer, and the token that the request was sent with. */
export interface AuthorizedAnswer extends VaultAnswer {
  readonly token: string;
}

/** @throws ConfigError if the server refuses the token or the request; StartRefused if it cannot be reached or is sealed */
export async function sendToVault(vault: VaultConfig, { setting, hint = "", ...request }: NamedRequest): Promise<AuthorizedAnswer> {
  try {
    return await sendWithToken(vault, request);
  } catch (error) {
    if (!(error instanceof VaultRefusal)) throw error;
    if (error.status === 403)
      throw new ConfigError([
        `${loginSetting(vault)}: ${error.message}. The token is invalid, or its policies do not allow ${request.path}`,
      ]);
    throw new ConfigError([`${setting}: ${error.message}${hint}`]);
  }
}

/** A token can end before its time: somebody revokes it, or the server forgets it. @throws as `requestVault` and `vaultToken` */
async function sendWithToken(vault: VaultConfig, request: VaultRequest): Promise<AuthorizedAnswer> {
  const { token } = await vaultToken(vault);
  try {
    return { ...(await requestVault(vault, request, token)), token };
  } catch (error) {
    if (!(error instanceof VaultRefusal) || error.status !== 403) throw error;
    const other = await otherVaultToken(vault, token);
    if (other === undefined) throw error;
    const answer = await requestVault(vault, request, other.token);
    other.keep();
    return { ...answer, token: other.token };
  }
}

const loginSettings = { token: "WEFT_VAULT_TOKEN_FILE", approle: "WEFT_VAULT_ROLE_ID", kubernetes: "WEFT_VAULT_KUBERNETES_ROLE" } as const;

const loginSetting = ({ login }: VaultConfig): string => loginSettings[login.kind];
