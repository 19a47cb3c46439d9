import { chownSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { ConfigError } from "./load.js";
import { newSigningKey, readKeysFile } from "./keys.js";
import type { KeysFile } from "./keys-file.js";

/**
 * Time between preparing a key and signing with it. By then, every process has read the file, and other programs, which cache
 * `/.well-known/jwks.json` for five minutes, know the key.
 */
const preparedForMs = 6 * 60_000;

/** Time after which no token of a replaced key is valid any more: operators get tokens for up to an hour. */
const previousForMs = 2 * 3_600_000;

/** What a call of `rotateAccessKey` did. */
export type Rotation =
  | { readonly step: "prepared"; readonly kid: string; readonly activeFrom: Date }
  | { readonly step: "waiting"; readonly kid: string; readonly activeFrom: Date }
  | { readonly step: "activated"; readonly kid: string }
  | { readonly step: "replaced"; readonly kid: string };

/**
 * Does the next step in rotating the key of access tokens: prepares a key, whose public half is published, or signs with the prepared one. Processes that
 * follow the file notice it. Former keys whose tokens have all expired are removed.
 * @param isLeaked whether the current key must not be accepted any more: a new one replaces it at once, and users renew their tokens
 * @throws ConfigError if the file is missing or cannot be used, or another rotation is running
 */
export function rotateAccessKey(file: string, { isLeaked = false, now = new Date() }: { isLeaked?: boolean; now?: Date } = {}): Rotation {
  if (!existsSync(file)) throw new ConfigError([`The keys file ${file} does not exist. Create it with \`pnpm keys ${file}\``]);
  return replacing(file, (content) => {
    const { access } = content;
    if (isLeaked) {
      const key = newSigningKey();
      return [
        { ...content, access: { ...key, previous: [] } },
        { step: "replaced", kid: key.kid },
      ];
    }
    const previous = access.previous
      // From an earlier build, or added by hand.
      .map((key) => ({ ...key, replacedAt: key.replacedAt ?? now.toISOString() }))
      .filter(({ replacedAt }) => Date.parse(replacedAt) > now.getTime() - previousForMs);
    const { next } = access;
    if (!next) {
      const key = { ...newSigningKey(), preparedAt: now.toISOString() };
      return [
        { ...content, access: { ...access, previous, next: key } },
        { step: "prepared", kid: key.kid, activeFrom: activeFrom(key) },
      ];
    }
    if (now < activeFrom(next)) return [null, { step: "waiting", kid: next.kid, activeFrom: activeFrom(next) }];
    const { preparedAt: _past, ...key } = next;
    const { d: _secret, ...publicJwk } = access.privateJwk;
    const replaced = { kid: access.kid, publicJwk, replacedAt: now.toISOString() };
    return [
      { ...content, access: { ...key, previous: [replaced, ...previous] } },
      { step: "activated", kid: key.kid },
    ];
  });
}

const activeFrom = ({ preparedAt }: { readonly preparedAt: string }): Date => new Date(Date.parse(preparedAt) + preparedForMs);

/** Replaces the file as a whole, so that neither a crash nor a reader ever finds half of it. The draft also keeps out a second rotation. */
function replacing(file: string, change: (content: KeysFile) => readonly [KeysFile | null, Rotation]): Rotation {
  const draft = `${file}.rotating`;
  try {
    writeFileSync(draft, "", { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new ConfigError([
      `${draft} exists: another rotation is running, or was interrupted. In the second case, delete it and try again`,
    ]);
  }
  try {
    const [content, rotation] = change(readKeysFile(file));
    if (content === null) return rotation;
    const { uid, gid } = statSync(file);
    writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { flush: true });
    chownSync(draft, uid, gid);
    renameSync(draft, file);
    return rotation;
  } finally {
    rmSync(draft, { force: true });
  }
}
