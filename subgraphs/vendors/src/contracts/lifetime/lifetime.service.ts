import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertDay } from "@weft/api/inputs";
import { timeZoneOf } from "@weft/api/periods";
import { sql } from "drizzle-orm";
import { readToday } from "../../due-days/today.service.js";
import { draftFrom } from "../contract-version.service.js";
import { findOpenVersion } from "../contract-version.store.js";
import { getContract, openContract } from "../contract.service.js";
import { updateContractRow } from "../contract.store.js";
import type { Contract } from "../contract.type.js";
import type { RenewContractInput, TerminateContractInput } from "./lifetime.input.js";

/**
 * Creates a draft with a new last day from the version in force. The contract is renewed when it is signed.
 * @throws NotFound, BadUserInput, Conflict (no version is signed; there is a draft; terminated)
 */
export async function renewContract(ctx: Context, input: RenewContractInput): Promise<Contract> {
  const id = decodeId("contract", input.id, "input.id");
  const { endsOn, startsOn } = input;
  assertDay(endsOn, "input.endsOn");
  if (typeof startsOn === "string") assertDay(startsOn, "input.startsOn");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "renewContract", key: input.idempotencyKey, input }, async () => {
      const before = await openContract(ctx, tx, input, "contract.sign");
      if (before.endsOn === null || endsOn <= before.endsOn || endsOn < (startsOn ?? before.startsOn)) {
        const message =
          before.endsOn === null
            ? "The contract has no last day, so there is nothing to renew."
            : `Use a day after ${before.endsOn}, the current last day, and not before the first day.`;
        throw new BadUserInput([{ path: "input.endsOn", message }]);
      }
      await draftFrom(ctx, tx, before, (signed) => ({ ...signed, endsOn, startsOn: startsOn ?? signed.startsOn }));
      return { id };
    });
    return getContract(ctx, tx, id);
  });
}

/**
 * Terminates a contract, on a day. A worker ends it then; on or after that day, it ends at once.
 * @throws NotFound, BadUserInput, Conflict (not in force; a version is in approval)
 */
export async function terminateContract(ctx: Context, input: TerminateContractInput): Promise<Contract> {
  const id = decodeId("contract", input.id, "input.id");
  const problems = textProblems("input.reason", input.reason, { max: 2000, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
  if (typeof input.on === "string") assertDay(input.on, "input.on");
  // Before the transaction: a request that holds a connection must not ask for another one.
  const timeZone = await timeZoneOf(ctx, {});
  const contract = await ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "terminateContract", key: input.idempotencyKey, input }, async () => {
      await terminate(ctx, tx, input, await readToday(tx, timeZone));
      return { id };
    });
    return getContract(ctx, tx, id);
  });
  await wakeWorkers(ctx.services);
  return contract;
}

async function terminate(ctx: Context, tx: Tx, input: TerminateContractInput, today: string): Promise<void> {
  const before = await openContract(ctx, tx, input, "contract.sign");
  if (before.status !== "SIGNED" && before.status !== "ACTIVE")
    throw new Conflict(`The contract ${quote(before.number)} is ${before.status}. Only signed and active contracts can be terminated.`, {});
  const open = await findOpenVersion(tx, before.id);
  if (open?.status === "IN_APPROVAL")
    throw new Conflict(`Version ${open.number} of the contract ${quote(before.number)} is in approval. Cancel the approval first.`, {});
  const on = input.on ?? today;
  const isNow = on <= today;
  const after = await updateContractRow(tx, before.id, {
    terminatesOn: on,
    terminationReason: input.reason.trim(),
    ...(isNow ? { status: "TERMINATED", dueAt: null } : { dueAt: sql`app.weft_now()` }),
  });
  const about = { subjectId: before.id, subjectVersion: after.version, related: { vendor: before.vendorId } };
  await appendEvents(tx, ctx.meta, [
    isNow
      ? { ...about, type: "contract.terminated", payload: {} }
      : { ...about, type: "contract.updated", payload: { changed: ["terminatesOn", "terminationReason"] } },
  ]);
  await writeAudit(tx, ctx.meta, [{ action: "contract.terminate", entityType: "contract", entityId: before.id, before, after }]);
}
