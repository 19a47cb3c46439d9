import { createHash } from "node:crypto";
import type { Tx } from "../db/database.js";
import { BadUserInput, Conflict, quote } from "../errors/errors.js";
import type { WriteMeta } from "../events/write-meta.js";
import { canonicalJson } from "./canonical-json.js";
import { findKey, insertKey, saveResult, type KeyPlace } from "./once.store.js";

/** Ids by name, enough to read the answer again. */
export type OnceResult = Readonly<Record<string, string>>;

export interface OnceCall {
  readonly mutation: string;
  /** The client's key; without one the mutation simply runs. */
  readonly key: string | null | undefined;
  /** The mutation's input; the key itself does not count. */
  readonly input: unknown;
}

/** A call with a key: where the key's row stands, and which input it is bound to. */
export interface KeyedCall {
  readonly place: KeyPlace;
  readonly inputHash: string;
}

const maxKeyLength = 200;

/**
 * Runs a mutation at most once per tenant, user, mutation and key, inside the caller's write transaction. The key's row is inserted first: of
 * concurrent twins one runs and the others wait on the unique index, then replay. A replay answers ids; the caller reads again, under
 * today's rights. A rolled back transaction leaves no trace of its key.
 * @throws Conflict when the key was used with another input
 */
export async function once(
  tx: Tx,
  meta: WriteMeta,
  { mutation, key, input }: OnceCall,
  run: () => Promise<OnceResult>,
): Promise<{ result: OnceResult; replayed: boolean }> {
  const keyed = keyedCallOf(meta, { mutation, key, input });
  if (keyed === null) return { result: await run(), replayed: false };
  const { place, inputHash } = keyed;
  if (await insertKey(tx, place, inputHash)) {
    const result = await run();
    await saveResult(tx, place, result);
    return { result, replayed: false };
  }
  const known = await findKey(tx, place);
  if (known?.inputHash !== inputHash)
    throw new Conflict(`The idempotency key ${quote(place.key)} was already used for ${mutation} with another input.`);
  // Committed rows have a result: the first call saves it in the same transaction as the key.
  if (!known.result) throw new Error(`The idempotency key ${place.mutation} of ${place.userId} has no result.`);
  return { result: known.result, replayed: true };
}

/** The key of a call and what it stands for; null without a key. @throws BadUserInput when the key is too long or empty */
export function keyedCallOf(meta: Pick<WriteMeta, "tenantId" | "actorId">, { mutation, key, input }: OnceCall): KeyedCall | null {
  if (key === null || key === undefined) return null;
  if (key === "" || key.length > maxKeyLength)
    throw new BadUserInput([{ path: "input.idempotencyKey", message: `A key has 1 to ${maxKeyLength} characters.` }]);
  return { place: { tenantId: meta.tenantId, userId: meta.actorId, mutation, key }, inputHash: hashOf(input) };
}

function hashOf(input: unknown): string {
  const counted =
    typeof input === "object" && input !== null
      ? Object.fromEntries(Object.entries(input).filter(([name]) => name !== "idempotencyKey"))
      : input;
  return createHash("sha256").update(canonicalJson(counted)).digest("base64url");
}
