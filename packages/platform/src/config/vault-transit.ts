/** Client of the Transit engine of Vault-compatible servers, which encrypts without revealing its keys. Source: the HTTP API of HashiCorp Vault. */
import { z } from "zod";
import type { VaultConfig } from "./config.js";
import { ConfigError } from "./config-error.js";
import { sendToVault } from "./vault.js";

/** What the engine returns: the version of its key, and the ciphertext. */
export const transitCiphertext = z.string().regex(/^vault:v\d+:[\w+/=]+$/);
const encryptedSchema = z.object({ data: z.object({ ciphertext: transitCiphertext }) });
const decryptedSchema = z.object({ data: z.object({ plaintext: z.base64() }) });

/** Encrypts with the newest version of the key. @throws ConfigError if the server refuses; StartRefused if it cannot be reached or is sealed */
export async function encryptInVault(vault: VaultConfig, plain: string): Promise<string> {
  const { data } = await call(vault, "encrypt", { plaintext: Buffer.from(plain).toString("base64") }, encryptedSchema);
  return data.ciphertext;
}

/** @throws ConfigError if the server has not made the ciphertext with this key, and as `encryptInVault` */
export async function decryptInVault(vault: VaultConfig, ciphertext: string): Promise<string> {
  const { data } = await call(vault, "decrypt", { ciphertext }, decryptedSchema);
  return Buffer.from(data.plaintext, "base64").toString();
}

/** Encrypts a ciphertext again with the newest version of the key, inside of the server. @throws as `decryptInVault` */
export async function rewrapInVault(vault: VaultConfig, ciphertext: string): Promise<string> {
  const { data } = await call(vault, "rewrap", { ciphertext }, encryptedSchema);
  return data.ciphertext;
}

async function call<T>(vault: VaultConfig, operation: "encrypt" | "decrypt" | "rewrap", body: object, schema: z.ZodType<T>): Promise<T> {
  const { transitKey = "" } = vault;
  const at = transitKey.lastIndexOf("/");
  const path = `${transitKey.slice(0, at)}/${operation}/${transitKey.slice(at + 1)}`;
  const response = await sendToVault(vault, { method: "POST", path, setting: "WEFT_VAULT_TRANSIT_KEY", body });
  const parsed = schema.safeParse(response.body);
  if (parsed.success) return parsed.data;
  throw new ConfigError([`WEFT_VAULT_TRANSIT_KEY: the server has no Transit engine at ${path}. The setting has the form MOUNT/NAME`]);
}
