import { app } from "@weft/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { OnceResult } from "./once.js";

/** What a key belongs to: the primary key of `app.idempotency_keys`. */
export interface KeyPlace {
  readonly tenantId: string;
  readonly userId: string;
  readonly mutation: string;
  readonly key: string;
}

const { idempotencyKeys } = app;

const at = ({ tenantId, userId, mutation, key }: KeyPlace) =>
  and(
    eq(idempotencyKeys.tenantId, tenantId),
    eq(idempotencyKeys.userId, userId),
    eq(idempotencyKeys.mutation, mutation),
    eq(idempotencyKeys.key, key),
  );

/** False when the key is taken; waits for a transaction that is about to take it. */
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

/** A key together with the result that is there once the transaction commits. */
export interface KeyToTake {
  readonly place: KeyPlace;
  readonly inputHash: string;
  readonly result: OnceResult;
}

/**
 * Takes the keys of many calls of the transaction's tenant, in one order everywhere, so that two who take several do not wait for each other in a circle. Gives
 * the places that were free. It waits for a twin that is about to commit, but not long (55P03): the others of the batch should not.
 */
export async function takeKeys(tx: Tx, keys: readonly KeyToTake[]): Promise<readonly KeyPlace[]> {
  const rows = keys.map(({ place, inputHash, result }) => ({ ...place, inputHash, result }));
  return tx.execute<KeyPlace & Record<string, unknown>>(
    named(
      "takeKeys",
      sql`insert into app.idempotency_keys (tenant_id, user_id, mutation, key, input_hash, result)
      select app.tenant(), k."userId", k.mutation, k.key, k."inputHash", k.result
        from (select set_config('lock_timeout', '250ms', true)) as patience,
             jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as k ("userId" uuid, mutation text, key text, "inputHash" text, result jsonb)
       order by k."userId", k.mutation, k.key
      on conflict do nothing
      returning tenant_id as "tenantId", user_id as "userId", mutation, key`,
    ),
  );
}

/** Gives keys back that this transaction has taken, because nothing came of the call. */
export async function dropKeys(tx: Tx, places: readonly KeyPlace[]): Promise<void> {
  await tx.execute(
    named(
      "dropKeys",
      sql`delete from app.idempotency_keys i using jsonb_to_recordset(${JSON.stringify(places)}::text::jsonb) as k ("userId" uuid, mutation text, key text)
       where i.tenant_id = app.tenant() and i.user_id = k."userId" and i.mutation = k.mutation and i.key = k.key`,
    ),
  );
}
