/**
 * The single write of a batch: `engine.write_batch(tenant, ids, versions, batch)`, and that of a single call: `engine.write_one(context, outcome,
 * key)`.
 */
import type { Database } from "@weft/platform/db";
import type { KeyPlace } from "@weft/platform/idempotency";
import { contextOf, type Applied } from "../outcome/write.js";
import { batchOf } from "../outcome/write-batch.js";
import { outcomeOf } from "../outcome/written-rows.js";
import type { Decided } from "./decide.js";

/** A call that was not written, by its place in the batch. Busy: the instance or one of its tasks is locked, and otherwise unchanged. */
export type Unwritten = {
  readonly index: number;
  readonly isBusy: boolean;
  readonly currentVersion: number | null;
  readonly currentState: string | null;
};

/**
 * An idempotency key of the batch. `k`: its index in the result; `n`: number of the write that it belongs to, from 1; undefined: nothing is written
 * under it, and it can be used again afterwards.
 */
export type KeyOfBatch = KeyPlace & {
  readonly k: number;
  readonly n: number | undefined;
  readonly inputHash: string;
  readonly result: { readonly id: string };
};

export type ToWrite = { readonly writes: readonly Decided[]; readonly keys: readonly KeyOfBatch[] };

/** `taken`: the `k` of the keys that another call has already used. */
export type Written = { readonly unwritten: readonly Unwritten[]; readonly taken: readonly number[] };

type Answer = { readonly unwritten: readonly (Omit<Unwritten, "index"> & { readonly n: number })[]; readonly taken: readonly number[] };

const statement = "/* runBatch */ select engine.write_batch($1::uuid, $2::uuid[], $3::integer[], $4::text::jsonb) as answer";

/** Writes changes of different instances, each based on the version that it was decided on, with their keys. */
export async function writeBatch(db: Database, tenantId: string, { writes, keys }: ToWrite): Promise<Written> {
  const [first, ...others] = writes;
  if (!first && keys.length === 0) return { unwritten: [], taken: [] };
  if (first && others.length === 0 && !first.sla && keys.every(({ n }) => n !== undefined)) return writeOne(db, tenantId, first, keys[0]);
  const ids = writes.map(({ before }) => before.id);
  const versions = writes.map(({ before }) => before.version);
  const params = [tenantId, ids, versions, textOf(writes, keys)];
  const [row] = await db.statement<{ answer: Answer | null }>(statement, params, { mode: "write", tenantId });
  const { unwritten = [], taken = [] } = row?.answer ?? {};
  return { unwritten: unwritten.map(({ n, ...rest }) => ({ index: n - 1, ...rest })), taken };
}

const lone = "/* writeOne */ select engine.write_one($1::text::jsonb, $2::text::jsonb, $3::text::jsonb) as answer";

async function writeOne(db: Database, tenantId: string, { meta, write }: Decided, key: KeyOfBatch | undefined): Promise<Written> {
  const context = { ...contextOf(meta), userId: meta.actorId, vendorId: null, address: write.sealedAddress };
  const params = [JSON.stringify(context), JSON.stringify(outcomeOf(write)), key ? JSON.stringify(key) : null];
  const [row] = await db.statement<{ answer: Applied | { readonly isTaken: true } }>(lone, params, { mode: "write", tenantId });
  if (!row) throw new Error("engine.write_one returned no row");
  if ("isTaken" in row.answer) return { unwritten: [], taken: key ? [key.k] : [] };
  const { applied, currentVersion, currentState } = row.answer;
  return { unwritten: applied ? [] : [{ index: 0, isBusy: false, currentVersion, currentState }], taken: [] };
}

function textOf(writes: readonly Decided[], keys: readonly KeyOfBatch[]): string {
  return JSON.stringify({ ...batchOf(writes), keys });
}
