/** The keys file, encrypted by the Transit engine of a Vault-compatible server. */
import { z } from "zod";
import { changeJsonFile } from "./change-keys-file.js";
import type { VaultConfig } from "./config.js";
import { parseKeysFile, readPrivateJson } from "./keys.js";
import { type KeysFile, keysFileSchema } from "./keys-file.js";
import { ConfigError } from "./config-error.js";
import { decryptInVault, encryptInVault, rewrapInVault, transitCiphertext } from "./vault-transit.js";

const sealedSchema = z.strictObject({ encryptedBy: z.string(), ciphertext: transitCiphertext });

/** @throws ConfigError if the file is missing, readable by others, in plain text, or refused by the server; StartRefused if the server cannot be reached */
export const readSealedKeys = async (file: string, vault: VaultConfig): Promise<KeysFile> => open(readPrivateJson(file), { file, vault });

/** Replaces the keys at once. @throws ConfigError if another command is changing the file, and as `readSealedKeys` */
export const changeSealedKeys = (file: string, vault: VaultConfig, change: (content: KeysFile) => KeysFile): Promise<void> =>
  changeJsonFile(file, async (content) => seal(keysFileSchema.parse(change(await open(content, { file, vault }))), vault));

/**
 * Encrypts a keys file in plain text. One that is encrypted already is encrypted again with the newest version of the server's key, without being decrypted
 * here. Returns what was done. @throws as `changeSealedKeys`
 */
export async function sealKeysFile(file: string, vault: VaultConfig): Promise<"encrypted" | "rewrapped"> {
  let done: "encrypted" | "rewrapped" = "encrypted";
  await changeJsonFile(file, async (content) => {
    const sealed = sealedSchema.safeParse(content);
    if (!sealed.success) return seal(parseKeysFile(content, `WEFT_KEYS_FILE: ${file}`), vault);
    done = "rewrapped";
    return { ...sealed.data, ciphertext: await rewrapInVault(vault, sealed.data.ciphertext) };
  });
  return done;
}

async function open(content: unknown, { file, vault }: { readonly file: string; readonly vault: VaultConfig }): Promise<KeysFile> {
  const origin = `WEFT_KEYS_FILE: ${file}`;
  const sealed = sealedSchema.safeParse(content);
  if (!sealed.success)
    throw new ConfigError([`${origin} is not encrypted. Encrypt it with \`pnpm keys seal\`, or unset WEFT_VAULT_TRANSIT_KEY`]);
  let keys: unknown;
  try {
    keys = JSON.parse(await decryptInVault(vault, sealed.data.ciphertext));
  } catch (error) {
    // The message would contain some of the text.
    if (error instanceof SyntaxError) throw new ConfigError([`${origin}: the decrypted text is not valid JSON`]);
    throw error;
  }
  return parseKeysFile(keys, origin);
}

/** The ciphertext replaces the only copy that Weft knows, so that it must be possible to decrypt it. */
async function seal(content: KeysFile, vault: VaultConfig): Promise<z.infer<typeof sealedSchema>> {
  const plain = JSON.stringify(content);
  const ciphertext = await encryptInVault(vault, plain);
  if ((await decryptInVault(vault, ciphertext)) !== plain)
    throw new ConfigError([
      "WEFT_VAULT_TRANSIT_KEY: the server decrypts to another text than it has encrypted. The keys file was not changed",
    ]);
  return { encryptedBy: vault.transitKey ?? "", ciphertext };
}
