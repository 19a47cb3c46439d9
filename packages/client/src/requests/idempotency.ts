import type { JsonObject, OperationShape } from "../document.js";
import { keyedMutations } from "../generated/keyed-mutations.js";

const known = new Set(keyedMutations.split("\n"));

export interface Keyed {
  readonly variables: JsonObject;
  /** Whether the mutation can be sent again: each of its fields has a key, so it is executed once. */
  readonly isRepeatable: boolean;
  /** The key of the first field that has one. */
  readonly key: string | null;
}

/** 128 random bits. `crypto.randomUUID` exists only on pages served by HTTPS. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, "0")).join("");
}

/**
 * Adds an idempotency key to the inputs of a mutation that take one. An input that is written in the document, and not a variable, gets none. A key of
 * the caller's stays.
 *
 * @param key for the first field; further ones get the key with their number
 */
export function withKeys({ fields, isComplete }: OperationShape, variables: JsonObject, key: string): Keyed {
  const keyed: Record<string, unknown> = { ...variables };
  let count = 0;
  let first: string | null = null;
  for (const { name, inputVariable } of fields) {
    const input = inputVariable === null ? undefined : keyed[inputVariable];
    if (inputVariable === null || !known.has(name) || typeof input !== "object" || input === null) continue;
    const { idempotencyKey = null } = input as { idempotencyKey?: string | null };
    const own = idempotencyKey ?? (count === 0 ? key : `${key}-${count}`);
    keyed[inputVariable] = { ...input, idempotencyKey: own };
    first ??= own;
    count++;
  }
  return { variables: keyed, isRepeatable: isComplete && count > 0 && count === fields.length, key: first };
}
