import { app } from "@weft/drizzle";
import { and, eq } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** Owner of a key: the primary key of `app.idempotency_keys`. */
export interface KeyPlace {
  readonly tenantId: string;
  readonly userId: string;
  readonly mutation: string;
  readonly key: string;
}

/** IDs by name, sufficient to read the result again. */
export type OnceResult = Readonly<Record<string, string>>;

const { idempotencyKeys } = app;

const at = ({ tenantId, userId, mutation, key }: KeyPlace) =>
  and(
    eq(idempotencyKeys.tenantId, tenantId),
    eq(idempotencyKeys.userId, userId),
    eq(idempotencyKeys.mutation, mutation),
    eq(idempotencyKeys.key, key),
  );

/** Returns false if the key is already used. Waits for a concurrent transaction that inserts the same key. */
export async function insertKey(tx: Tx, place: KeyPlace, inputHash: string): Promise<boolean> {
  const inserted = await named(
    "insertKey",
    tx
      .insert(idempotencyKeys)
      .values({ ...place, inputHash })
      .onConflictDoNothing()
      .returning({ key: idempotencyKeys.key }),
  );
  return inserted.length === 1;
}

export async function findKey(tx: Tx, place: KeyPlace): Promise<{ inputHash: string; result: OnceResult | null } | undefined> {
  const [row] = await named(
    "findKey",
    tx.select({ inputHash: idempotencyKeys.inputHash, result: idempotencyKeys.result }).from(idempotencyKeys).where(at(place)),
  );
  return row;
}

export async function saveResult(tx: Tx, place: KeyPlace, result: OnceResult): Promise<void> {
  await named("saveResult", tx.update(idempotencyKeys).set({ result }).where(at(place)));
}
