import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { weakKeys } from "./key-strength.js";
import { jwk, keysFileSchema, type KeysFile, type PrivateJwk, type PublicJwk } from "./keys-file.js";
import { describedIssues, parsedBy } from "@weft/shared/texts";
import { ConfigError } from "./config-error.js";

/** All secrets of an installation. Symmetric keys are 32 bytes. */
export interface Keys {
  /**
   * Signs access tokens. The public keys of `previous` still verify tokens until these have expired; that of `next` already does, because another process
   * can sign with it first. `followKeys` replaces this object while the process runs.
   */
  readonly access: {
    readonly kid: string;
    readonly privateJwk: PrivateJwk;
    readonly next?: { readonly kid: string; readonly privateJwk: PrivateJwk } | undefined;
    readonly previous: readonly { readonly kid: string; readonly publicJwk: PublicJwk }[];
  };
  /** Signs the heads of audit chains. */
  readonly checkpoint: { readonly kid: string; readonly privateJwk: PrivateJwk };
  /** Derives refresh tokens from their rows. */
  readonly refresh: Buffer;
  /** Signs cursors. */
  readonly cursor: Buffer;
  /** Signs the gateway's calls to subgraphs. */
  readonly internalCall: Buffer;
  /** Encrypts the keys of persons and tenants. If it is lost, every personal value in audit and events, and every secret of tenants, is lost. */
  readonly masterKey: Buffer;
  /** Replaces `masterKey` next. Null unless a rotation has begun. */
  readonly nextMasterKey: Buffer | null;
  /** Master keys that may still be needed to decrypt keys. */
  readonly previousMasterKeys: readonly { readonly key: Buffer; readonly replacedAt: string }[];
  readonly databasePasswords: { readonly app: string; readonly worker: string; readonly auth: string };
}

/**
 * Reads the keys file.
 * @param create whether to create the file if it is missing (demo); otherwise (production) the error says how to create it
 * @throws ConfigError if the file is missing, unreadable, readable by others, made for another mode, or too easy to guess for production
 */
export function loadKeys(file: string, { create, mode }: { create: boolean; mode?: "demo" | "production" }): Keys {
  if (create && !existsSync(file)) writeKeysFile(file, mode ?? "demo");
  return keysOf(parseKeysFile(readPrivateJson(file), `WEFT_KEYS_FILE: ${file}`), { origin: `WEFT_KEYS_FILE: ${file}`, mode });
}

/** @throws ConfigError if the file is missing, unreadable, readable by others, or not JSON. The error contains no key. */
export function readPrivateJson(file: string): unknown {
  if (!existsSync(file))
    throw new ConfigError([
      `WEFT_KEYS_FILE: the file ${file} does not exist. Create it once with \`pnpm keys ${file}\`, keep a copy in a safe place, and give it to every process`,
    ]);
  const { mode } = statSync(file);
  if ((mode & 0o077) !== 0) throw new ConfigError([`WEFT_KEYS_FILE: other users can read ${file}. Run \`chmod 600 ${file}\``]);
  return readJson(file);
}

/** @throws ConfigError if the keys were made for another mode, or are too easy to guess for production. `origin` begins each problem. */
export function keysOf(
  content: KeysFile,
  { origin, mode }: { readonly origin: string; readonly mode: "demo" | "production" | undefined },
): Keys {
  if (mode === "production" && content.madeFor === "demo")
    throw new ConfigError([`${origin}: these keys were generated for a demo. Production needs its own (\`pnpm keys <file>\`)`]);
  const weak = mode === "production" ? weakKeys(content) : [];
  if (weak.length > 0) throw new ConfigError(weak.map((problem) => `${origin}: ${problem}`));
  return toKeys(content);
}

/** Writes a keys file that only its owner can read. If several processes do so concurrently, the first one wins and the others use its file. */
export function writeKeysFile(file: string, madeFor: "demo" | "production"): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, `${JSON.stringify(newKeys(madeFor), null, 2)}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
}

/** Generates new keys in memory, for tests and tools. */
export const generateKeys = (): Keys => toKeys(newKeys("demo"));

/** @throws ConfigError if the file cannot be read or is not JSON. The error contains no key. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch (error) {
    throw new ConfigError([
      `WEFT_KEYS_FILE: ${file} cannot be read (${error instanceof SyntaxError ? "it is not valid JSON" : String(error)})`,
    ]);
  }
}

/** @throws ConfigError if the content has another shape. The error contains no key. `origin` begins each problem. */
export function parseKeysFile(content: unknown, origin: string): KeysFile {
  const parsed = parsedBy(keysFileSchema, content);
  if (parsed.success) return parsed.data;
  if (typeof content === "object" && content !== null && "ciphertext" in content)
    throw new ConfigError([`${origin}: the keys are encrypted. Set WEFT_VAULT_TRANSIT_KEY to the key of the server that encrypted them`]);
  throw new ConfigError(describedIssues(parsed.error.issues, "file").map((issue) => `${origin}: ${issue}`));
}

function newKeys(madeFor: "demo" | "production"): KeysFile {
  const key = () => randomBytes(32).toString("base64url");
  const password = () => randomBytes(24).toString("base64url");
  return {
    madeFor,
    access: { ...newSigningKey(), previous: [] },
    checkpoint: newSigningKey(),
    refresh: key(),
    cursor: key(),
    internalCall: key(),
    masterKey: key(),
    previousMasterKeys: [],
    databasePasswords: { app: password(), worker: password(), auth: password() },
  };
}

/** Generates a key for signatures. */
export function newSigningKey(): { kid: string; privateJwk: PrivateJwk } {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { kid: randomBytes(8).toString("hex"), privateJwk: jwk.parse(privateKey.export({ format: "jwk" })) };
}

function toKeys({ access, checkpoint, refresh, cursor, internalCall, databasePasswords, ...master }: KeysFile): Keys {
  const bytes = (text: string) => Buffer.from(text, "base64url");
  return {
    access,
    checkpoint,
    refresh: bytes(refresh),
    cursor: bytes(cursor),
    internalCall: bytes(internalCall),
    masterKey: bytes(master.masterKey),
    nextMasterKey: master.nextMasterKey === undefined ? null : bytes(master.nextMasterKey),
    previousMasterKeys: master.previousMasterKeys.map(({ key, replacedAt }) => ({ key: bytes(key), replacedAt })),
    databasePasswords,
  };
}
