import { createHash } from "node:crypto";
import { turnOf } from "@weft/platform/fairness";
import type { SharedTexts } from "@weft/api/limits";
import type { Viewer } from "@weft/shared/viewer";
import { GraphQLError } from "graphql";
import { persistedQueryCodes } from "../http/answer.js";
import { FairTexts } from "./fair-texts.js";

/** Whose texts are meant: the tenant's, or those of the network of a client without a login. */
export interface TextOwner {
  readonly viewer: Pick<Viewer, "tenantId"> | null;
  readonly address: string | null;
}

/**
 * Automatic persisted queries, as Apollo's clients use them: the client sends the hash of a text, and the text only if the server does not know it. Each
 * tenant, and each network of clients without a login, has texts of its own: whatever one sends, it neither reads nor evicts those of another.
 */
export interface PersistedQueries {
  /** Returns the text with this hash. @throws GraphQLError with the code PERSISTED_QUERY_NOT_FOUND, upon which the client sends the text */
  get(hash: string, owner: TextOwner): Promise<string>;
  /** Keeps a text, if the hash is its own: otherwise one client could give another one the wrong operation. */
  keep(hash: string, text: string, owner: TextOwner): void;
}

/** Longer texts are not kept: their clients send them each time. */
const longestText = 32_768;

/** Number of texts that an account can share with other processes. Without a login, clients only log in. */
export const sharedPlacesOf = (account: string): number => (account.startsWith("network ") ? 16 : 1_024);

/** @param shared texts of all processes. Undefined: this process has its own */
export function createPersistedQueries(shared: SharedTexts | undefined): PersistedQueries {
  const ofTenants = new FairTexts({ maxPerAccount: 2_000_000, max: 64_000_000 });
  const ofNetworks = new FairTexts({ maxPerAccount: 20_000, max: 4_000_000 });
  const placesFor = ({ viewer }: TextOwner): FairTexts => (viewer ? ofTenants : ofNetworks);
  return {
    get: async (hash, owner) => {
      const account = turnOf(owner);
      const known = placesFor(owner).find(account, hash);
      if (known !== undefined) return known;
      const found = isHash(hash) ? await shared?.find(account, hash) : undefined;
      if (found === undefined) throw notFound();
      placesFor(owner).keep(account, hash, found);
      return found;
    },
    keep: (hash, text, owner) => {
      const account = turnOf(owner);
      if (text.length > longestText || placesFor(owner).find(account, hash) !== undefined || !isHashOf(hash, text)) return;
      placesFor(owner).keep(account, hash, text);
      void shared?.keep(account, hash, text);
    },
  };
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

const isHashOf = (hash: string, text: string): boolean => createHash("sha256").update(text).digest("hex") === hash;

/** @throws GraphQLError if the hash is not that of the text */
export function assertHashOf(text: string, hash: string): void {
  if (isHashOf(hash, text)) return;
  throw new GraphQLError("provided sha does not match query", { extensions: { code: "BAD_REQUEST" } });
}

/** With this message and code, Apollo's clients send the text. */
const notFound = (): GraphQLError => new GraphQLError("PersistedQueryNotFound", { extensions: { code: persistedQueryCodes.notFound } });
