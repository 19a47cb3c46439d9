import type { SlaPolicyRow } from "@weft/engine";
import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";
import { requestRecomputation, readRecomputation, wakeRecomputations } from "../recomputations/recomputation.service.js";
import type { SlaRecomputation } from "../recomputations/recomputation.type.js";
import {
  findPolicy,
  insertPolicy,
  insertPolicyVersion,
  isKeyTaken,
  lockPolicies,
  sizeOfPolicies,
  updatePolicyRow,
} from "./sla-policy.store.js";
import {
  type CreateSlaPolicyInput,
  type DeleteSlaPolicyInput,
  type UpdateSlaPolicyInput,
  toSlaPolicy,
  type SlaPolicy,
} from "./sla-policy.type.js";
import { messageProblems, newTerms, readTerms, termsOf, type PolicyTerms } from "./terms.js";

/** Each start of a clock tries the policies one after the other. */
const MAX_POLICIES = 200;
const KEY = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Returns one policy, also if it was deleted. */
export async function readSlaPolicy(ctx: Context, id: string): Promise<SlaPolicy> {
  return toSlaPolicy(await ctx.read((tx) => getPolicy(tx, id)));
}

type Changed = { readonly policy: SlaPolicy; readonly recomputation: SlaRecomputation };

/** Creates a policy, by default as the last one, and requests the recomputation of the clocks that it concerns. */
export async function createSlaPolicy(ctx: Context, { idempotencyKey, ...input }: CreateSlaPolicyInput): Promise<Changed> {
  const { key, ...given } = input;
  if (key.length > 64 || !KEY.test(key))
    throw new BadUserInput([{ path: "input.key", message: `${quote(key)} is not a valid key. Examples: gold, gold-customers.` }]);
  const result = await ctx.inTenant(async (tx) => {
    const call = { mutation: "createSlaPolicy", key: idempotencyKey ?? null, input };
    const { result: ids } = await once(tx, ctx.meta, call, async () => {
      await lockPolicies(tx);
      const { last, size } = await sizeOfPolicies(tx);
      if (size >= MAX_POLICIES)
        throw new BadUserInput([{ path: "input.key", message: `The tenant has ${size} SLA policies, which is the maximum.` }]);
      if (await isKeyTaken(tx, key)) throw new Conflict(`There is already an SLA policy with the key ${quote(key)}.`);
      const { tenantId, userId } = ctx.viewer;
      const id = newId();
      const { terms } = await readTerms(tx, tenantId, { ...newTerms(last + 1), id }, given);
      const now = sql`app.weft_now()` as unknown as string;
      const row = await insertPolicy(tx, { ...terms, tenantId, id, key, createdBy: userId, createdAt: now, updatedAt: now });
      return record(ctx, tx, { verb: "created", before: null, after: row, message: given.message });
    });
    return changed(tx, ids);
  });
  await wakeRecomputations(ctx);
  return result;
}

/** Updates a policy, and requests the recomputation of the clocks that it concerns, or concerned. */
export function updateSlaPolicy(ctx: Context, { idempotencyKey, ...input }: UpdateSlaPolicyInput): Promise<Changed> {
  const { id: _id, expectedVersion: _expectedVersion, ...given } = input;
  const call = { mutation: "updateSlaPolicy", key: idempotencyKey ?? null, input };
  return change(ctx, call, async (tx, before) => (await readTerms(tx, ctx.viewer.tenantId, before, given)).terms);
}

/** Deletes a policy, and requests the recomputation of the clocks that it concerned. Its versions stay. */
export async function deleteSlaPolicy(ctx: Context, { idempotencyKey, ...input }: DeleteSlaPolicyInput): Promise<Changed> {
  const problems = messageProblems(input.message);
  if (problems.length > 0) throw new BadUserInput(problems);
  return change(ctx, { mutation: "deleteSlaPolicy", key: idempotencyKey ?? null, input }, () => Promise.resolve(null));
}

type Call = {
  readonly mutation: string;
  readonly key: string | null;
  readonly input: { readonly id: string; readonly expectedVersion?: number | null; readonly message?: string | null };
};

/** Writes the terms that follow from the current ones; null deletes the policy. */
async function change(ctx: Context, call: Call, next: (tx: Tx, before: SlaPolicyRow) => Promise<PolicyTerms | null>): Promise<Changed> {
  const id = decodeId("slaPolicy", call.input.id, "input.id");
  const result = await ctx.inTenant(async (tx) => {
    const { result: ids } = await once(tx, ctx.meta, call, async () => {
      const before = await getPolicy(tx, id, call.input.expectedVersion);
      if (before.deletedAt !== null) throw new NotFound("SlaPolicy", encodeId("slaPolicy", id));
      const terms = await next(tx, before);
      const changes = terms ?? { deletedAt: sql`app.weft_now()` as unknown as string };
      const after = await updatePolicyRow(tx, before, changes);
      if (!after) throw changedMeanwhile(before);
      return record(ctx, tx, { verb: terms ? "updated" : "deleted", before, after, message: call.input.message });
    });
    return changed(tx, ids);
  });
  await wakeRecomputations(ctx);
  return result;
}

async function changed(tx: Tx, ids: Readonly<Record<string, string>>): Promise<Changed> {
  return {
    policy: toSlaPolicy(await getPolicy(tx, ids["id"] ?? "")),
    recomputation: await readRecomputation(tx, ids["recomputationId"] ?? ""),
  };
}

type Change = {
  readonly verb: "created" | "updated" | "deleted";
  readonly before: SlaPolicyRow | null;
  readonly after: SlaPolicyRow;
  readonly message: string | null | undefined;
};

/** Writes the version, the audit entry, the event, and the request for a recomputation. */
async function record(
  ctx: Context,
  tx: Tx,
  { verb, before, after, message: given }: Change,
): Promise<{ id: string; recomputationId: string }> {
  const { id, key, version, definitionKey } = after;
  const message = given?.trim() === "" ? null : (given?.trim() ?? null);
  const { tenantId, userId: authorId } = ctx.viewer;
  const terms = verb === "deleted" ? null : termsOf(after);
  await insertPolicyVersion(tx, { tenantId, policyId: id, version, terms, message, authorId, createdAt: after.updatedAt });
  await appendEvents(tx, ctx.meta, [
    { type: `slaPolicy.${verb}`, subjectId: id, subjectVersion: version, payload: { key, definitionKey } },
  ]);
  const action = `slaPolicy.${{ created: "create", updated: "update", deleted: "delete" }[verb]}`;
  await writeAudit(tx, ctx.meta, [{ action, entityType: "slaPolicy", entityId: id, before, after: verb === "deleted" ? null : after }]);
  const isOfOneDefinition = before === null || before.definitionKey === definitionKey;
  const recomputationId = await requestRecomputation(tx, ctx.viewer, {
    policyId: id,
    definitionKey: isOfOneDefinition ? definitionKey : null,
    message,
  });
  return { id, recomputationId };
}

export async function getPolicy(tx: Tx, id: string, expectedVersion?: number | null): Promise<SlaPolicyRow> {
  const row = await findPolicy(tx, id);
  if (!row) throw new NotFound("SlaPolicy", encodeId("slaPolicy", id));
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile(row);
  return row;
}

const changedMeanwhile = ({ name, version }: SlaPolicyRow): Conflict =>
  new Conflict(`The SLA policy ${quote(name)} was changed by another request. Read it again and retry.`, { currentVersion: version });
