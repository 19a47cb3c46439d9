import { createHash } from "node:crypto";
import { stringify } from "safe-stable-stringify";
import type { Tx } from "../db/database.js";
import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import type { WriteMeta } from "../events/write-meta.js";
import { findKey, insertKey, saveResult, type KeyPlace, type OnceResult } from "./once.store.js";

export interface OnceCall {
  readonly mutation: string;
  /** The client's key. If omitted, the mutation runs without idempotency. */
  readonly key: string | null | undefined;
  /** Input of the mutation. The key itself is ignored. */
  readonly input: unknown;
  /** Other forms in which the first call can have hashed the same input, for example with an earlier key of the tenant. */
  readonly otherForms?: readonly unknown[];
}

/** A call with a key: the primary key of the key's row, and the hash of the input that it is bound to. */
export interface KeyedCall {
  readonly place: KeyPlace;
  readonly inputHash: string;
}

const maxKeyLength = 200;

/**
 * Runs a mutation at most once per tenant, user, mutation and key, in the caller's write transaction. The key's row is inserted first. Of concurrent
 * calls with the same key, one runs; the others wait on the unique index and then replay. A replay returns IDs, and the caller reads the objects
 * again with the current rights. After a rollback, no trace of the key remains.
 * @throws Conflict if the key was already used with different input
 */
export async function once(
  tx: Tx,
  meta: WriteMeta,
  { mutation, key, input, otherForms = [] }: OnceCall,
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
  if (!known || ![inputHash, ...otherForms.map(hashOf)].includes(known.inputHash))
    throw new Conflict(`The idempotency key ${quote(place.key)} was already used for ${mutation} with different input.`);
  // Committed rows have a result: the first call saves it in the same transaction as the key.
  if (!known.result) throw new Error(`The idempotency key ${place.mutation} of ${place.userId} has no result.`);
  return { result: known.result, replayed: true };
}

/**
 * Returns the key and input hash of a call, or null if it has no key.
 * @throws BadUserInput if the key is empty or too long
 */
export function keyedCallOf(meta: Pick<WriteMeta, "tenantId" | "actorId">, { mutation, key, input }: OnceCall): KeyedCall | null {
  if (key === null || key === undefined) return null;
  if (key === "" || key.length > maxKeyLength)
    throw new BadUserInput([{ path: "input.idempotencyKey", message: `An idempotency key has 1 to ${maxKeyLength} characters.` }]);
  return { place: { tenantId: meta.tenantId, userId: meta.actorId, mutation, key }, inputHash: hashOf(input) };
}

/** Sorts keys and leaves out absent members, so that the order in which a client writes them does not matter. */
function hashOf(input: unknown): string {
  const counted =
    typeof input === "object" && input !== null
      ? Object.fromEntries(Object.entries(input).filter(([name]) => name !== "idempotencyKey"))
      : input;
  return createHash("sha256")
    .update(stringify(counted) ?? "null")
    .digest("base64url");
}

/** `once` for a mutation that creates a row. Returns the row's ID; for a replay, the ID from the first call. */
export async function createOnce(
  tx: Tx,
  meta: WriteMeta,
  { input, ...call }: Omit<OnceCall, "key" | "input"> & { readonly input: { readonly idempotencyKey?: string | null } },
  create: () => Promise<{ readonly id: string }>,
): Promise<string> {
  const { result } = await once(tx, meta, { ...call, key: input.idempotencyKey, input }, async () => ({ id: (await create()).id }));
  return result["id"] ?? "";
}
