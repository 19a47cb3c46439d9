import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { z } from "zod";
import { weakKeys } from "./key-strength.js";
import { ConfigError } from "./load.js";

const jwk = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string().length(43), d: z.string().length(43) });
const publicJwk = jwk.omit({ d: true });
const secret = z.string().refine((text) => Buffer.from(text, "base64url").length === 32, { error: "must be 32 bytes in base64url" });
const signing = z.object({ kid: z.string().min(1).max(64), privateJwk: jwk });

const fileSchema = z.object({
  /** Where these keys were made: production refuses those of a demo. */
  madeFor: z.enum(["demo", "production"]),
  access: signing.extend({ previous: z.array(z.object({ kid: z.string().min(1).max(64), publicJwk })).default([]) }),
  checkpoint: signing,
  refresh: secret,
  cursor: secret,
  internalCall: secret,
  masterKey: secret,
  databasePasswords: z.object({ app: z.string().min(16), worker: z.string().min(16), auth: z.string().min(16) }),
});

/** What the file holds. */
export type KeysFile = z.infer<typeof fileSchema>;

/** An Ed25519 key as JSON Web Key. */
export type PrivateJwk = z.infer<typeof jwk>;
export type PublicJwk = z.infer<typeof publicJwk>;

/** All secrets of an installation. Symmetric keys are 32 bytes. */
export interface Keys {
  /** Signs access tokens; public keys of `previous` still verify, until their tokens have expired. */
  readonly access: {
    readonly kid: string;
    readonly privateJwk: PrivateJwk;
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
  /** Wraps the keys of persons; losing it loses every personal value in audit and events. */
  readonly masterKey: Buffer;
  readonly databasePasswords: { readonly app: string; readonly worker: string; readonly auth: string };
}

/**
 * Reads the keys file.
 * @param create make the file when it is missing (demo); production says how to make it instead
 * @throws ConfigError when it is missing, unreadable, readable by others, of another mode, or too easy to guess for production
 */
export function loadKeys(file: string, { create, mode }: { create: boolean; mode?: "demo" | "production" }): Keys {
  if (!existsSync(file)) {
    if (!create)
      throw new ConfigError([
        `WEFT_KEYS_FILE: there is no file ${file}; make it once with \`pnpm keys ${file}\`, keep a copy where only you can read it, and give it to every process`,
      ]);
    writeKeysFile(file, mode ?? "demo");
  }
  const { mode: bits } = statSync(file);
  if ((bits & 0o077) !== 0) throw new ConfigError([`WEFT_KEYS_FILE: others can read ${file}; run \`chmod 600 ${file}\``]);
  const content = parse(file);
  if (mode === "production" && content.madeFor === "demo") {
    throw new ConfigError([`WEFT_KEYS_FILE: the keys of ${file} were made for a demo; production needs its own (\`pnpm keys <file>\`)`]);
  }
  const weak = mode === "production" ? weakKeys(content) : [];
  if (weak.length > 0) throw new ConfigError(weak.map((problem) => `WEFT_KEYS_FILE: ${file}: ${problem}`));
  return toKeys(content);
}

/** Makes a keys file, readable by its owner alone. Of several processes that make it at once, the first wins and the others use its file. */
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

/** Fresh keys in memory, for tests and tools. */
export const generateKeys = (): Keys => toKeys(newKeys("demo"));

function parse(file: string): KeysFile {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigError([`WEFT_KEYS_FILE: ${file} cannot be read (${error instanceof SyntaxError ? "it is no JSON" : String(error)})`]);
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `WEFT_KEYS_FILE: ${file}: ${issue.path.join(".")}: ${issue.message}`));
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
    databasePasswords: { app: password(), worker: password(), auth: password() },
  };
}

function newSigningKey(): { kid: string; privateJwk: PrivateJwk } {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { kid: randomBytes(8).toString("hex"), privateJwk: jwk.parse(privateKey.export({ format: "jwk" })) };
}

function toKeys({ access, checkpoint, refresh, cursor, internalCall, masterKey, databasePasswords }: KeysFile): Keys {
  const bytes = (text: string) => Buffer.from(text, "base64url");
  return {
    access,
    checkpoint,
    refresh: bytes(refresh),
    cursor: bytes(cursor),
    internalCall: bytes(internalCall),
    masterKey: bytes(masterKey),
    databasePasswords,
  };
}
