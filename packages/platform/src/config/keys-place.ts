import { changeKeysFile } from "./change-keys-file.js";
import type { Config, VaultConfig } from "./config.js";
import { type Keys, keysOf, loadKeys, parseKeysFile } from "./keys.js";
import type { KeysFile } from "./keys-file.js";
import { ConfigError } from "./config-error.js";
import { changeSealedKeys, readSealedKeys, sealKeysFile } from "./sealed-keys.js";
import { readVaultSecret, writeVaultSecret } from "./vault.js";

/**
 * Where the keys of an installation are: in a Vault-compatible server if `vault` is set, else in the keys file. With `vault.transitKey`, they are in the keys
 * file, and the server encrypts it.
 */
export type KeysPlace = Pick<Config, "keysFile" | "mode" | "vault">;

/** Where the keys are, for messages. */
export const nameOfPlace = ({ keysFile, vault }: KeysPlace): string =>
  vault === undefined || vault.transitKey !== undefined ? `WEFT_KEYS_FILE: ${keysFile}` : `WEFT_VAULT_KEYS: ${vault.path}`;

/**
 * Reads the keys of an installation. A demo without a Vault-compatible server creates its keys file.
 * @throws ConfigError as `loadKeys`, and if the server refuses; StartRefused if the server cannot be reached
 */
export async function openKeys(place: KeysPlace): Promise<Keys> {
  const { keysFile, mode, vault } = place;
  if (vault === undefined) return loadKeys(keysFile, { create: mode === "demo", mode });
  const keys = vault.transitKey === undefined ? (await readContent(vault, nameOfPlace(place))).keys : await readSealedKeys(keysFile, vault);
  return keysOf(keys, { origin: nameOfPlace(place), mode });
}

/** Replaces the keys at once. @throws ConfigError if another command changes them at the same time, and as `openKeys` */
export async function changeKeys(place: KeysPlace, change: (content: KeysFile) => KeysFile): Promise<void> {
  const { keysFile, vault } = place;
  if (vault === undefined) return changeKeysFile(keysFile, change);
  if (vault.transitKey !== undefined) return changeSealedKeys(keysFile, vault, change);
  const { keys, version } = await readContent(vault, nameOfPlace(place));
  await writeVaultSecret(vault, { content: change(keys), version });
}

/**
 * Encrypts the keys file with the server's key, or encrypts it again with the newest version of that key. Returns what was done.
 * @throws ConfigError without `vault.transitKey`, and as `changeKeys`
 */
export function sealKeys({ keysFile, vault }: KeysPlace): Promise<"encrypted" | "rewrapped"> {
  if (vault?.transitKey === undefined)
    throw new ConfigError([
      "WEFT_VAULT_TRANSIT_KEY: is required to encrypt the keys file, together with WEFT_VAULT_URL and WEFT_VAULT_TOKEN_FILE",
    ]);
  return sealKeysFile(keysFile, vault);
}

async function readContent(vault: VaultConfig, origin: string): Promise<{ keys: KeysFile; version: number }> {
  const { content, version } = await readVaultSecret(vault);
  return { keys: parseKeysFile(content, origin), version };
}
