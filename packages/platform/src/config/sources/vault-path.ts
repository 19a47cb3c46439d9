/** Secrets of Vault-compatible servers for settings: those of key-value stores, and those that the server creates for a while and deletes again (leases). */
import { z } from "zod";
import { ConfigError } from "../config-error.js";
import type { VaultConfig } from "../config.js";
import { sendToVault } from "../vault.js";

/** Validity of what the server has created. */
export interface Lease {
  readonly id: string;
  readonly seconds: number;
  readonly isRenewable: boolean;
  /** Token that it was got with. The server ends the lease together with it. */
  readonly token: string;
}

/** Undefined lease: the secret is the same for everybody, until somebody changes it. */
export interface PathSecret {
  readonly content: Readonly<Record<string, unknown>>;
  readonly lease?: Lease;
}

const record = z.record(z.string(), z.unknown());
const answerSchema = z.object({
  lease_id: z.string().default(""),
  lease_duration: z.number().nonnegative().default(0),
  renewable: z.boolean().default(false),
  data: record,
});
const versionedSchema = z.object({ data: record, metadata: z.object({ version: z.number() }) });

/**
 * Reads a path of the server. A path of an engine that creates credentials creates some.
 * @param setting name of the setting, for messages
 * @throws ConfigError if the server refuses or has no such secret; StartRefused if it cannot be reached or is sealed
 */
export async function readVaultPath(vault: VaultConfig, path: string, setting: string): Promise<PathSecret> {
  const { status, body, token } = await sendToVault(vault, { method: "GET", path, setting });
  if (status === 404) throw new ConfigError([`${setting}: the server has no secret ${path}, or its latest version was deleted`]);
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) throw new ConfigError([`${setting}: ${path} is not a secret`]);
  const { data, lease_id: id, lease_duration: seconds, renewable: isRenewable } = parsed.data;
  const versioned = versionedSchema.safeParse(data);
  if (versioned.success) return { content: versioned.data.data };
  if (id === "") return { content: data };
  return { content: data, lease: { id, seconds, isRenewable, token } };
}

/** Returns the lease with its new validity. Undefined if it cannot be renewed, or only for less than before, because its longest validity ends. */
export async function renewLease(vault: VaultConfig, lease: Lease, setting: string): Promise<Lease | undefined> {
  if (!lease.isRenewable) return undefined;
  const body = { lease_id: lease.id, increment: lease.seconds };
  try {
    const answer = await sendToVault(vault, { method: "PUT", path: "sys/leases/renew", body, setting });
    const parsed = answerSchema.omit({ data: true }).safeParse(answer.body);
    return parsed.success && parsed.data.lease_duration >= lease.seconds ? lease : undefined;
  } catch (error) {
    // The server has ended it already, or forgotten it.
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Tells the server to delete what it has created. It does so at the end of the lease anyway. */
export async function revokeLease(vault: VaultConfig, { id }: Lease, setting: string): Promise<void> {
  await sendToVault(vault, { method: "PUT", path: "sys/leases/revoke", body: { lease_id: id }, setting });
}
