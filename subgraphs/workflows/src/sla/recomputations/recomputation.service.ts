import { NotFound } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { encodeId, newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";
import { findRecomputation, insertRecomputation } from "./recomputation.store.js";
import { toRecomputation, type SlaRecomputation } from "./recomputation.type.js";

type Requested = { readonly policyId: string; readonly definitionKey: string | null; readonly message: string | null };

/** Requests that open clocks are brought to the terms of a changed policy, in the transaction that changes it. Returns the UUID of the recomputation. */
export async function requestRecomputation(
  tx: Tx,
  { tenantId, userId }: Pick<Viewer, "tenantId" | "userId">,
  requested: Requested,
): Promise<string> {
  const id = newId();
  const createdAt = sql`app.weft_now()` as unknown as string;
  await insertRecomputation(tx, { ...requested, tenantId, id, cause: "POLICY_CHANGE", requestedBy: userId, createdAt });
  return id;
}

/** Wakes the worker, which otherwise looks for recomputations every second. */
export async function wakeRecomputations({ services }: Context): Promise<void> {
  await wakeWorkers(services);
}

export async function readRecomputation(tx: Tx, id: string): Promise<SlaRecomputation> {
  const row = await findRecomputation(tx, id);
  if (!row) throw new NotFound("SlaRecomputation", encodeId("slaRecomputation", id));
  return toRecomputation(row);
}
