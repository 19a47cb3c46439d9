import { vendors as tables } from "@weft/drizzle";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { type Batch, dueDays, type DueServices } from "../../due-days/due-days.js";
import { type ContractChanges, updateContractRow } from "../contract.store.js";
import { type DueContract, insertSignedVersion, lockDueContracts, planContract } from "./due-contracts.store.js";
import { dueStep, type Lifetime, nextDay, type Step } from "./steps.js";

/** Begins, renews and ends contracts on their days, and reminds of their ends. */
export const dueContracts = (services: DueServices) =>
  dueDays(services, { name: "contracts", table: tables.contracts, take: takeDueContracts });

async function takeDueContracts(tx: Tx, { meta, limit, timeZone }: Batch): Promise<number> {
  const due = await lockDueContracts(tx, { limit, timeZone });
  for (const contract of due) await takeSteps(tx, meta, contract, timeZone);
  return due.length;
}

async function takeSteps(tx: Tx, meta: WriteMeta, due: DueContract, timeZone: string): Promise<void> {
  let contract = due;
  for (let step = dueStep(lifetimeOf(contract), due.today); step !== null; step = dueStep(lifetimeOf(contract), due.today))
    contract = await take(tx, meta, contract, step);
  await planContract(tx, contract.id, { day: nextDay(lifetimeOf(contract), due.today), timeZone });
}

const lifetimeOf = ({ content, ...contract }: DueContract): Lifetime => ({
  ...contract,
  noticeDays: content.noticeDays,
  renewalMonths: content.renewal === "AUTOMATIC" ? content.renewalMonths : null,
});

async function take(tx: Tx, meta: WriteMeta, contract: DueContract, step: Step): Promise<DueContract> {
  switch (step.kind) {
    case "ACTIVATE":
      return change(tx, meta, contract, { changes: { status: "ACTIVE" }, action: "activate", event: "contract.activated" });
    case "EXPIRE":
      return change(tx, meta, contract, { changes: { status: "EXPIRED" }, action: "expire", event: "contract.expired" });
    case "TERMINATE":
      return change(tx, meta, contract, { changes: { status: "TERMINATED" }, action: "terminate", event: "contract.terminated" });
    case "RENEW":
      return renew(tx, meta, contract, step.endsOn);
    case "REMIND":
      return remind(tx, meta, contract, step);
    default:
      throw new Error(`unknown step ${String(step satisfies never)}`);
  }
}

interface Change {
  readonly changes: ContractChanges;
  /** Verb of the audit entry. */
  readonly action: "activate" | "expire" | "terminate";
  readonly event: "contract.activated" | "contract.expired" | "contract.terminated";
}

async function change(tx: Tx, meta: WriteMeta, before: DueContract, { changes, action, event }: Change): Promise<DueContract> {
  const { content, today, ...row } = before;
  const after = await updateContractRow(tx, row.id, changes);
  await appendEvents(tx, meta, [
    { type: event, subjectId: row.id, subjectVersion: after.version, related: { vendor: row.vendorId }, payload: {} },
  ]);
  await writeAudit(tx, meta, [{ action: `contract.${action}`, entityType: "contract", entityId: row.id, before: row, after }]);
  return { ...after, content, today };
}

/** Signs a version that differs only in the last day: the parties agreed on the renewal when they signed the version in force. */
async function renew(tx: Tx, meta: WriteMeta, before: DueContract, endsOn: string): Promise<DueContract> {
  const { today, content: signed, ...row } = before;
  const content = { ...signed, endsOn };
  const { number, hash } = await insertSignedVersion(tx, row, content);
  const after = await updateContractRow(tx, row.id, { endsOn, signedNumber: number });
  await appendEvents(tx, meta, [
    {
      type: "contract.renewed",
      subjectId: row.id,
      subjectVersion: after.version,
      related: { vendor: row.vendorId },
      payload: { number, endsOn, hash: hash ?? "" },
    },
  ]);
  await writeAudit(tx, meta, [
    { action: "contract.renew", entityType: "contract", entityId: row.id, before: row, after: { ...after, hash } },
  ]);
  return { ...after, content, today };
}

async function remind(
  tx: Tx,
  meta: WriteMeta,
  before: DueContract,
  { endsOn, noticeBy, days }: Extract<Step, { kind: "REMIND" }>,
): Promise<DueContract> {
  const { content, today, ...row } = before;
  const after = await updateContractRow(tx, row.id, { remindedFor: endsOn, remindedDays: days });
  const { number, title, ownerId } = row;
  await appendEvents(tx, meta, [
    {
      type: "contract.expiring",
      subjectId: row.id,
      subjectVersion: after.version,
      related: { vendor: row.vendorId },
      payload: { number, title, ownerId, endsOn, noticeBy, days },
    },
  ]);
  return { ...after, content, today };
}
