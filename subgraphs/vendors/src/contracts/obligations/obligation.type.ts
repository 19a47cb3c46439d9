import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { moneyColumn, toMoney } from "../../money/money.type.js";
import { User } from "../../references.js";
import type { ShownObligation } from "./obligation.store.js";

export enum ObligationParty {
  US = "US",
  VENDOR = "VENDOR",
}
registerEnumType(ObligationParty, {
  name: "ObligationParty",
  description: "Party that must fulfill an obligation.",
  valuesConfig: { US: { description: "The organization." }, VENDOR: { description: "The vendor." } },
});

export enum ObligationRecurrence {
  NONE = "NONE",
  MONTHLY = "MONTHLY",
  QUARTERLY = "QUARTERLY",
  YEARLY = "YEARLY",
}
registerEnumType(ObligationRecurrence, { name: "ObligationRecurrence", description: "How often an obligation is due." });

export enum ObligationStatus {
  OPEN = "OPEN",
  DUE = "DUE",
  OVERDUE = "OVERDUE",
  DONE = "DONE",
}
registerEnumType(ObligationStatus, {
  name: "ObligationStatus",
  description: "Status of an obligation, by the day in the time zone of the organization.",
  valuesConfig: {
    OPEN: { description: "Due on a later day." },
    DUE: { description: "Due today." },
    OVERDUE: { description: "Its day is over." },
    DONE: { description: "Completed. Recurring obligations are never done: they are due again." },
  },
});

const reminderDays = "Days before the day at which the owner of the contract is reminded";

export const obligationColumns = columns({
  ...standardColumns.id("ID (`cob_…`).", "The obligation (`cob_…`)."),
  ...standardColumns.expectedVersion,
  contractId: column.id("The contract.", { shown: false, updated: false, converted: true }),
  title: column.text("What must be done.", { max: 200, trimmed: true }),
  party: column.of(() => ObligationParty, "The party that must do it."),
  dueOn: column.text("Day on which it is due (`YYYY-MM-DD`).", {
    shown: "Day on which it is due (`YYYY-MM-DD`). If it recurs: the next one.",
    created: "Day on which it is due (`YYYY-MM-DD`), the first one if it recurs.",
    updated: "Day on which it is due (`YYYY-MM-DD`).",
  }),
  recurrence: column.of(() => ObligationRecurrence, "How often it is due.", { initial: ObligationRecurrence.NONE }),
  ...column.shownOnly({ status: column.of(() => ObligationStatus, "Status.") }),
  amount: moneyColumn("Amount, for example of a payment.", {
    nullable: true,
    converted: true,
    shown: "Amount, for example of a payment. Null if there is none.",
    updated: "Amount. Null removes it.",
  }),
  reminderDays: column.ints(`${reminderDays}.`, {
    optional: true,
    converted: true,
    created: `${reminderDays} (at most 10, each from 1 to 365; default: 30, 7, and 1).`,
    updated: `${reminderDays} (at most 10, each from 1 to 365).`,
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    completedFor: column.text("Day for which it was last completed (`YYYY-MM-DD`). Null if it never was.", { nullable: true }),
    completedAt: column.time("Time of the last completion. Null if there was none.", { nullable: true }),
    completedBy: column.of(() => User, "User who last completed it. Null if nobody did.", { nullable: true }),
    completionNote: column.text("Note of the last completion.", { nullable: true }),
    createdBy: column.of(() => User, "Creator.", { nullable: true }),
    version: column.int("Version number, incremented on every change. Pass it to mutations as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(obligationColumns)
@ObjectType({ description: "A dated duty of a contract, whose completion is tracked. Only for users of the organization." })
@Allow(inherit)
export class TrackedObligation extends shapeOf(obligationColumns) {}

export const AddContractObligationInput = createInputOf("AddContractObligationInput", obligationColumns);
export type AddContractObligationInput = InstanceType<typeof AddContractObligationInput>;

export const UpdateContractObligationInput = updateInputOf(
  "UpdateContractObligationInput",
  obligationColumns,
  "Input of `updateContractObligation`. Omitted fields keep their values. After a change of the day or the recurrence, recurring days count from the day.",
);
export type UpdateContractObligationInput = InstanceType<typeof UpdateContractObligationInput>;

/** Converts a row to its API type. */
export const toObligation = (row: ShownObligation): TrackedObligation =>
  Object.assign(new TrackedObligation(), obligationColumns.shown(row), {
    id: encodeId("contractObligation", row.id),
    party: row.party as ObligationParty,
    recurrence: row.recurrence as ObligationRecurrence,
    status: statusOf(row),
    amount: toMoney(row.amount, row.currency),
    completedBy: row.completedBy === null ? null : User.of(row.completedBy),
    createdBy: User.of(row.createdBy),
  });

function statusOf({ doneAt, dueOn, today }: ShownObligation): ObligationStatus {
  if (doneAt !== null) return ObligationStatus.DONE;
  if (dueOn === today) return ObligationStatus.DUE;
  return dueOn > today ? ObligationStatus.OPEN : ObligationStatus.OVERDUE;
}
