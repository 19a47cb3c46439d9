import type { ContractContent } from "@weft/drizzle";
import { actorOf, findPublishedMachine, startInstance } from "@weft/engine";
import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { inUnits } from "../money/money-problems.js";
import { findVendors } from "../vendors/vendor.service.js";
import { findNewestVersion, findOpenVersion, findVersion, insertVersion, updateVersion } from "./contract-version.store.js";

import { getContract, openContract } from "./contract.service.js";
import { type ContractRow, findDocuments, updateContractRow } from "./contract.store.js";
import type { Contract } from "./contract.type.js";

/** Key of the definition of approvals. An approval uses the version that is the newest published one when it starts. */
const definitionKey = "contract-approval";

/**
 * Starts the approval of the draft, in one transaction. What happens to the contract at the end of the approval is decided by the function
 * `vendors.follow_contract_approval`, whoever ends it.
 * @throws NotFound, BadUserInput (no definition `contract-approval` is published; data that it does not accept), Conflict
 */
export async function submitContract(ctx: Context, input: KeyedVersionedIdInput): Promise<Contract> {
  const id = decodeId("contract", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "submitContract", key: input.idempotencyKey, input }, async () => {
      const before = await openContract(ctx, tx, input, "contract.sign");
      await submit(ctx, tx, before);
      return { id };
    });
    return getContract(ctx, tx, id);
  });
}

async function submit(ctx: Context, tx: Tx, before: ContractRow): Promise<void> {
  const draft = await findOpenVersion(tx, before.id);
  if (draft === null)
    throw new Conflict(`The contract ${quote(before.number)} has no draft to submit. Create one with createContractVersion.`, {});
  if (draft.status !== "DRAFT")
    throw new Conflict(`Version ${draft.number} of the contract ${quote(before.number)} is already in approval.`, {});
  if (before.status === "TERMINATED")
    throw new Conflict(`The contract ${quote(before.number)} was terminated. Create another contract.`, {});
  const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, definitionKey);
  if (machine === null) {
    const message = `The approval of contracts needs the definition ${quote(definitionKey)}, which is not published. Publish it first.`;
    throw new BadUserInput([{ path: "input.id", message }]);
  }
  const content = { ...draft.content, documents: await findDocuments(tx, before.id) };
  const instanceId = newId();
  // Before the start, because an approval can end while it starts.
  await updateVersion(tx, draft, {
    status: "IN_APPROVAL",
    content,
    instanceId,
    reason: null,
    submittedBy: ctx.viewer.userId,
    submittedAt: sql`app.weft_now()`,
  });
  const after = await updateContractRow(tx, before.id, before.signedNumber === null ? { status: "IN_APPROVAL" } : {});
  await appendEvents(tx, ctx.meta, [
    {
      type: "contract.submitted",
      subjectId: before.id,
      subjectVersion: after.version,
      related: { vendor: before.vendorId, instance: instanceId },
      payload: { number: draft.number },
    },
  ]);
  await writeAudit(tx, ctx.meta, [{ action: "contract.submit", entityType: "contract", entityId: before.id, before, after }]);
  const data = Object.entries(await dataOf(ctx, tx, before, content)).filter(([name]) => machine.data.root.properties.has(name));
  await startInstance(tx, ctx.meta, {
    definitionKey,
    id: instanceId,
    data: Object.fromEntries(data),
    ownerId: ctx.viewer.userId,
    subject: { type: "contract", id: before.id },
    actor: actorOf(ctx.viewer),
  });
}

/** Returns what an approval decides with. Those properties are passed that the definition has. */
async function dataOf(ctx: Context, tx: Tx, { number, kind, vendorId }: ContractRow, content: ContractContent) {
  const vendor = (await findVendors(tx, ctx, [vendorId])).get(vendorId);
  const { title, amount, startsOn, endsOn } = content;
  return {
    number,
    kind,
    title,
    counterparty: vendor?.name ?? "",
    value: inUnits(amount),
    currency: amount.currency,
    startsOn,
    ...(endsOn !== null && { endsOn }),
  };
}

/** Creates a draft from the version in force, to amend the contract. @throws NotFound, Conflict (none is signed; there is a draft; terminated) */
export async function createContractVersion(ctx: Context, input: KeyedVersionedIdInput): Promise<Contract> {
  const id = decodeId("contract", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "createContractVersion", key: input.idempotencyKey, input }, async () => {
      const before = await openContract(ctx, tx, input, "contract.update");
      await draftFrom(ctx, tx, before, (signed) => signed);
      return { id };
    });
    return getContract(ctx, tx, id);
  });
}

/** Creates a draft from the version in force of a contract that the caller has locked. @throws Conflict (none is signed; there is a draft; terminated) */
export async function draftFrom(
  ctx: Context,
  tx: Tx,
  before: ContractRow,
  change: (signed: ContractContent) => ContractContent,
): Promise<void> {
  const signed = before.signedNumber === null ? null : await findVersion(tx, before.id, before.signedNumber);
  if (signed === null)
    throw new Conflict(`The contract ${quote(before.number)} has no signed version. Change its draft with updateContract.`, {});
  if (before.status === "TERMINATED")
    throw new Conflict(`The contract ${quote(before.number)} was terminated. Create another contract.`, {});
  const newest = await findNewestVersion(tx, before.id);
  if (newest !== null && newest.status !== "SIGNED")
    throw new Conflict(`The contract ${quote(before.number)} already has version ${newest.number}, which is not signed.`, {});
  const number = (newest?.number ?? 0) + 1;
  const { tenantId, userId } = ctx.viewer;
  const content = { ...change(signed.content), documents: [] };
  await insertVersion(tx, { tenantId, contractId: before.id, number, vendorId: before.vendorId, content, createdBy: userId });
  const after = await updateContractRow(tx, before.id, {});
  await appendEvents(tx, ctx.meta, [
    {
      type: "contract.version_created",
      subjectId: before.id,
      subjectVersion: after.version,
      related: { vendor: before.vendorId },
      payload: { number },
    },
  ]);
  await writeAudit(tx, ctx.meta, [
    {
      action: "contract.create_version",
      entityType: "contract",
      entityId: before.id,
      before,
      after: { ...after, number: before.number, content },
    },
  ]);
}
