/** The rotation of the key that signs access tokens. */
import { newSigningKey } from "./keys.js";
import { changeKeys, type KeysPlace, nameOfPlace } from "./keys-place.js";
import type { KeysFile } from "./keys-file.js";
import { ConfigError } from "./config-error.js";

/**
 * Time between preparing a key and signing with it. By then, every process has read the keys again, and other programs, which cache
 * `/.well-known/jwks.json` for five minutes, know the key.
 */
const PREPARED_MS = 6 * 60_000;

/** Time after which no token of a replaced key is valid any more: operators get tokens for up to an hour. */
const PREVIOUS_MS = 2 * 3_600_000;

/** What a call of `rotateAccessKey` did. */
export type Rotation =
  | { readonly step: "prepared"; readonly kid: string; readonly activeFrom: Date }
  | { readonly step: "activated"; readonly kid: string }
  | { readonly step: "replaced"; readonly kid: string };

interface Options {
  /** Whether the current key must not be accepted any more: a new one replaces it at once, and users renew their tokens. */
  readonly isLeaked?: boolean;
  readonly now?: Date;
}

/**
 * Does the next step in rotating the key of access tokens: prepares a key, whose public half is published, or signs with the prepared one. Running
 * processes notice it. Former keys whose tokens have all expired are removed.
 * @throws ConfigError if a key was prepared too recently, and as `changeKeys`
 */
export async function rotateAccessKey(place: KeysPlace, { isLeaked = false, now = new Date() }: Options = {}): Promise<Rotation> {
  let done: Rotation | undefined;
  await changeKeys(place, (content) => {
    const next = content.access.next;
    const activeFrom = next && activeFromOf(next);
    if (!isLeaked && activeFrom && now < activeFrom)
      throw new ConfigError([
        `${nameOfPlace(place)}: the key ${next.kid} was prepared just now. Programs that verify tokens may not know it yet. Repeat the command after ${activeFrom.toISOString()}`,
      ]);
    const { content: changed, rotation } = isLeaked ? replaced(content) : stepped(content, now);
    done = rotation;
    return changed;
  });
  if (!done) throw new Error("The change of the keys was not called.");
  return done;
}

interface Step {
  readonly content: KeysFile;
  readonly rotation: Rotation;
}

function replaced(content: KeysFile): Step {
  const key = newSigningKey();
  return { content: { ...content, access: { ...key, previous: [] } }, rotation: { step: "replaced", kid: key.kid } };
}

function stepped(content: KeysFile, now: Date): Step {
  const { access } = content;
  const previous = access.previous
    // From an earlier build, or added by hand.
    .map((key) => ({ ...key, replacedAt: key.replacedAt ?? now.toISOString() }))
    .filter(({ replacedAt }) => Date.parse(replacedAt) > now.getTime() - PREVIOUS_MS);
  if (!access.next) {
    const next = { ...newSigningKey(), preparedAt: now.toISOString() };
    return {
      content: { ...content, access: { ...access, previous, next } },
      rotation: { step: "prepared", kid: next.kid, activeFrom: activeFromOf(next) },
    };
  }
  const { preparedAt: _past, ...key } = access.next;
  const { d: _secret, ...publicJwk } = access.privateJwk;
  const former = { kid: access.kid, publicJwk, replacedAt: now.toISOString() };
  return {
    content: { ...content, access: { ...key, previous: [former, ...previous] } },
    rotation: { step: "activated", kid: key.kid },
  };
}

const activeFromOf = ({ preparedAt }: { readonly preparedAt: string }): Date => new Date(Date.parse(preparedAt) + PREPARED_MS);
