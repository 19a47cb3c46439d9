import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openErasureList } from "@weft/platform/erasure";
import { openFileStorage } from "@weft/platform/files";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import { exportJWK, generateKeyPair } from "jose";
import type { PrivacyParts } from "./privacy-work.js";

interface Given extends Pick<PrivacyParts, "databases" | "keyring"> {
  /** For the file storage and the list of erased people. */
  readonly folder: string;
  readonly log: { warn(): void; error(about: object): void };
}

/** Opens what the work on privacy requests needs, with keys of its own. */
export async function openPrivacyParts({ databases, keyring, folder, log }: Given): Promise<PrivacyParts> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const keys = { checkpoint: { kid: "k", privateJwk: await exportJWK(privateKey) } };
  return {
    databases,
    keyring,
    keys,
    log,
    secrets: tenantSecrets(oneMasterKey(randomBytes(32))),
    storage: await openFileStorage({ folder: join(folder, "files"), types: [], maxBytes: 0, uploadsInFlight: 0 }, log),
    erasures: await openErasureList({ config: { folder: join(folder, "list") }, keys, log }),
  };
}
