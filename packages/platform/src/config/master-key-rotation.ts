/** The steps of a rotation of the master key that change the keys. */
import { randomBytes } from "node:crypto";
import { changeKeys, type KeysPlace, nameOfPlace } from "./keys-place.js";
import { ConfigError } from "./config-error.js";

/** Time after which no transaction that began before a key was replaced is still running. */
const SETTLED_MS = 10 * 60_000;

/** Adds the next master key. Nothing is encrypted with it yet. @throws ConfigError if there is one already */
export function addMasterKey(place: KeysPlace): Promise<void> {
  return changeKeys(place, (content) => {
    if (content.nextMasterKey !== undefined)
      throw new ConfigError([`${nameOfPlace(place)} already contains the next master key. Continue with \`pnpm keys use-master-key\``]);
    return { ...content, nextMasterKey: randomBytes(32).toString("base64url") };
  });
}

/** Makes the next master key the current one. The one before still decrypts. @throws ConfigError if there is no next key */
export function useNextMasterKey(place: KeysPlace, now = new Date()): Promise<void> {
  return changeKeys(place, ({ nextMasterKey, ...content }) => {
    if (nextMasterKey === undefined)
      throw new ConfigError([`${nameOfPlace(place)} contains no next master key. Begin with \`pnpm keys add-master-key\``]);
    const previous = { key: content.masterKey, replacedAt: now.toISOString() };
    return { ...content, masterKey: nextMasterKey, previousMasterKeys: [previous, ...content.previousMasterKeys] };
  });
}

/**
 * Removes all previous master keys and returns how many there were. The caller has made sure that no stored key needs them.
 * @throws ConfigError if one was replaced so recently that a running transaction could still use it
 */
export async function removeMasterKeys(place: KeysPlace, now = new Date()): Promise<number> {
  let count = 0;
  await changeKeys(place, (content) => {
    const latest = Math.max(...content.previousMasterKeys.map(({ replacedAt }) => Date.parse(replacedAt)));
    if (now.getTime() < latest + SETTLED_MS)
      throw new ConfigError([
        `${nameOfPlace(place)}: a master key was replaced at ${new Date(latest).toISOString()}. Running transactions may still use it. Repeat the command after ${new Date(latest + SETTLED_MS).toISOString()}`,
      ]);
    count = content.previousMasterKeys.length;
    return { ...content, previousMasterKeys: [] };
  });
  return count;
}
