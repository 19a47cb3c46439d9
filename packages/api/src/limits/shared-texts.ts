import { createHash } from "node:crypto";
import type { Services } from "@weft/platform/services";
import { openOptionalRedis } from "./optional-redis.js";

/** Texts by their SHA-256 hash, shared by all processes of an installation. Each account has places of its own. */
export interface SharedTexts {
  /** Returns the text of an account with this hash (64 hexadecimal digits). Undefined if it was never kept or was replaced, or Redis does not answer. */
  find(account: string, hash: string): Promise<string | undefined>;
  /** Keeps a text for a day. */
  keep(account: string, hash: string, text: string): Promise<void>;
  close(): void;
}

export interface SharedTextsOptions {
  /** What is kept; part of the keys in Redis. */
  readonly name: string;
  /** Number of texts that an account can keep. */
  readonly placesOf: (account: string) => number;
}

const hashLength = 64;
const daySeconds = 86_400;

/**
 * Opens the texts in Redis. Undefined without Redis: each process then keeps its own. A text has one place of its account, which its hash determines, so
 * an account never has more texts than places, whatever it sends, and one command finds or keeps a text. Two texts of an account for the same place
 * replace each other, which costs their senders a request.
 */
export async function openSharedTexts(
  { config, log }: Pick<Services, "config" | "log">,
  { name, placesOf }: SharedTextsOptions,
): Promise<SharedTexts | undefined> {
  if (config.redisUrl === undefined) return undefined;
  const redis = await openOptionalRedis(config.redisUrl, { log, config }, "texts of operations are kept per process");
  const keyOf = (account: string, hash: string): string =>
    `${config.redisPrefix}:${name}:${account}:${Number.parseInt(hash.slice(0, 8), 16) % placesOf(account)}`;
  return {
    find: async (account, hash) => {
      try {
        const kept = await redis.client.get(keyOf(account, hash));
        if (kept?.slice(0, hashLength) !== hash) return undefined;
        const text = kept.slice(hashLength);
        // Whoever can write to Redis could otherwise replace the operations of clients.
        return createHash("sha256").update(text).digest("hex") === hash ? text : undefined;
      } catch (error) {
        redis.failed(error);
        return undefined;
      }
    },
    keep: async (account, hash, text) => {
      try {
        await redis.client.set(keyOf(account, hash), `${hash}${text}`, "EX", daySeconds);
      } catch (error) {
        redis.failed(error);
      }
    },
    close: () => redis.close(),
  };
}
