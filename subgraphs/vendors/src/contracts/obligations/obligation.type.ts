import { Allow, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Money, toMoney } from "../../money/money.type.js";
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

@ObjectType({ description: "A dated duty of a contract, whose completion is tracked. Only for users of the organization." })
@Allow(inherit)
export class TrackedObligation {
  @Field(() => ID, { description: "ID (`cob_…`)." })
  id!: string;

  @Field(() => String, { description: "What must be done." })
  title!: string;

  @Field(() => ObligationParty, { description: "The party that must do it." })
  party!: ObligationParty;

  @Field(() => String, { description: "Day on which it is due (`YYYY-MM-DD`). If it recurs: the next one." })
  dueOn!: string;

  @Field(() => ObligationRecurrence, { description: "How often it is due." })
  recurrence!: ObligationRecurrence;

  @Field(() => ObligationStatus, { description: "Status." })
  status!: ObligationStatus;

  @Field(() => Money, { nullable: true, description: "Amount, for example of a payment. Null if there is none." })
  amount!: Money | null;

  @Field(() => [Int], { description: "Days before the day at which the owner of the contract is reminded." })
  reminderDays!: number[];

  @Field(() => String, { nullable: true, description: "Day for which it was last completed (`YYYY-MM-DD`). Null if it never was." })
  completedFor!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last completion. Null if there was none." })
  completedAt!: string | null;

  @Field(() => User, { nullable: true, description: "User who last completed it. Null if nobody did." })
  completedBy!: User | null;

  @Field(() => String, { nullable: true, description: "Note of the last completion." })
  completionNote!: string | null;

  @Field(() => User, { nullable: true, description: "Creator." })
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to mutations as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

/** Converts a row to its API type. */
export function toObligation(row: ShownObligation): TrackedObligation {
  const { title, dueOn, amount, currency, reminderDays, completedFor, completedAt, completedBy, completionNote } = row;
  const { version, createdAt, updatedAt } = row;
  return Object.assign(new TrackedObligation(), {
    id: encodeId("contractObligation", row.id),
    title,
    party: row.party as ObligationParty,
    dueOn,
    recurrence: row.recurrence as ObligationRecurrence,
    status: statusOf(row),
    amount: amount === null || currency === null ? null : toMoney(amount, currency),
    reminderDays,
    completedFor,
    completedAt,
    completedBy: completedBy === null ? null : User.of(completedBy),
    completionNote,
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
  });
}

function statusOf({ doneAt, dueOn, today }: ShownObligation): ObligationStatus {
  if (doneAt !== null) return ObligationStatus.DONE;
  if (dueOn === today) return ObligationStatus.DUE;
  return dueOn > today ? ObligationStatus.OPEN : ObligationStatus.OVERDUE;
}
