import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, staff } from "@weft/api/rules";
import { Directive, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { moneyColumn, toMoney } from "../money/money.type.js";
import { Project } from "../projects/project.type.js";
import { User } from "../references.js";
import { Vendor } from "../vendors/vendor.type.js";
import { ContractKind, ContractPartyRole, ContractRenewal, ContractStatus } from "./contract.enums.js";
import type { ContractRow } from "./contract.store.js";

@InputType({ description: "A party of a contract: a vendor, or a name." })
export class ContractPartyInput {
  @Field(() => ContractPartyRole, { description: "Role of the party." })
  role!: ContractPartyRole;

  @Field(() => String, { nullable: true, description: "Name (1 to 200 characters), for a party that is not a vendor." })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: "The vendor." })
  vendorId?: string | null;
}

@InputType({ description: "Something that a party of a contract must do." })
export class ContractObligationInput {
  @Field(() => String, { description: "What the party must do (1 to 500 characters)." })
  text!: string;

  @Field(() => ContractPartyRole, { description: "The party." })
  party!: ContractPartyRole;

  @Field(() => String, { description: "Day by which it must be done (`YYYY-MM-DD`), the first one if it recurs." })
  dueOn!: string;

  @Field(() => Int, { nullable: true, description: "Months after which it is due again (1 to 120). Omit it if it is due once." })
  everyMonths?: number | null;
}

const forStaff = { nullable: true, decorators: [Allow(staff)] } as const;

export const contractColumns = columns({
  ...standardColumns.id("ID (`ctr_…`).", "The contract."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  vendorId: column.id("The vendor. It cannot be changed later.", { shown: false, updated: false, converted: true }),
  ...column.shownOnly({ number: column.text("Number, unique in the tenant, for example `C-12`.") }),
  kind: column.of(() => ContractKind, "What the contract is about."),
  ...column.shownOnly({ status: column.of(() => ContractStatus, "Status.") }),
  title: column.text("Title.", { max: 200, shown: "Title in the version in force, or in the draft if no version is signed." }),
  amount: moneyColumn("Agreed amount.", {
    shown: "Amount in the version in force, or in the draft if no version is signed.",
  }),
  startsOn: column.text("First day (`YYYY-MM-DD`).", {
    shown: "First day (`YYYY-MM-DD`) in the version in force, or in the draft if no version is signed.",
  }),
  endsOn: column.text("Last day (`YYYY-MM-DD`).", {
    nullable: true,
    shown: "Last day (`YYYY-MM-DD`) in the version in force, or in the draft if no version is signed. Null: no fixed end.",
    created: "Last day (`YYYY-MM-DD`). Omit it for a contract without a fixed end.",
    updated: "Last day (`YYYY-MM-DD`). Null: no fixed end.",
  }),
  parties: column.of(() => [ContractPartyInput], "Parties (at most 20).", {
    shown: false,
    optional: true,
    created: "Parties (at most 20; default: the vendor as the contractor).",
    updated: "Parties (at most 20).",
  }),
  noticeDays: column.int("Days before the end by which a party must give notice (0 to 3650).", { shown: false, initial: 0 }),
  renewal: column.of(() => ContractRenewal, "What happens at the end.", { shown: false, initial: ContractRenewal.NONE }),
  renewalMonths: column.int("Months by which an automatic renewal extends the contract (1 to 120).", {
    shown: false,
    nullable: true,
    updated: "Months by which an automatic renewal extends the contract (1 to 120). Null removes them.",
  }),
  obligations: column.of(() => [ContractObligationInput], "What the parties must do (at most 100).", { shown: false, optional: true }),
  terms: column.text("Text of the contract.", {
    max: 50_000,
    hasLines: true,
    initial: "",
    shown: false,
    created: "Text of the contract (at most 50,000 characters).",
  }),
  projectId: column.id("The project that the contract belongs to.", {
    shown: false,
    nullable: true,
    updated: "The project. Null removes it.",
  }),
  ownerId: column.id("User who is responsible for the contract (default: you).", {
    shown: false,
    optional: true,
    updated: "User who is responsible.",
  }),
  ...column.shownOnly({
    vendor: column.of(() => Vendor, "The vendor. Null if you cannot see it.", { nullable: true, resolved: true }),
    project: column.of(() => Project, "The project. Null if there is none, or you cannot see it.", { nullable: true, resolved: true }),
    owner: column.of(() => User, "User who is responsible for the contract.", forStaff),
  }),
  ownerNotes: column.text("Internal notes.", {
    max: 5000,
    hasLines: true,
    initial: "",
    shown: "Internal notes. Users of the vendor never see them.",
    shownNullable: true,
    created: "Internal notes (at most 5000 characters). Users of the vendor never see them.",
    updated: "Internal notes (at most 5000 characters).",
    decorators: [Allow(staff)],
  }),
  reminderDays: column.ints("Days before the last day for a notice at which the owner is reminded.", {
    optional: true,
    shown: "Days before the last day for a notice at which the owner is reminded. Only for users of the organization.",
    shownNullable: true,
    created:
      "Days before the last day for a notice at which the owner is reminded (at most 10, each from 1 to 3650; default: 90, 60, 30, and 7).",
    updated: "Days before the last day for a notice at which the owner is reminded (at most 10, each from 1 to 3650).",
    decorators: [Allow(staff)],
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    terminatesOn: column.text("First day on which the contract is no longer in force (`YYYY-MM-DD`). Null unless it is terminated.", {
      nullable: true,
    }),
    terminationReason: column.text("Why the contract is terminated.", forStaff),
    createdBy: column.of(() => User, "Creator.", forStaff),
    version: column.int("Version number of this record, incremented on every change. Pass it to mutations as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(contractColumns)
@ObjectType({ description: "A contract with a vendor. What the parties agree on is in its versions." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("contract.read"))
export class Contract extends shapeOf(contractColumns) {
  row!: ContractRow;
}

export const CreateContractInput = createInputOf("CreateContractInput", contractColumns);
export type CreateContractInput = InstanceType<typeof CreateContractInput>;

const { id, expectedVersion, kind, projectId, ownerId, ownerNotes, reminderDays, ...agreed } = contractColumns.map;

/** What can always be changed comes before what the parties agree on. */
export const UpdateContractInput = updateInputOf(
  "UpdateContractInput",
  columns({ id, expectedVersion, kind, projectId, ownerId, ownerNotes, reminderDays, ...agreed }),
  "Input of `updateContract`. Omitted fields keep their values. Kind, project, owner, notes, and reminders can always be changed; what the parties agree on only in a draft.",
);
export type UpdateContractInput = InstanceType<typeof UpdateContractInput>;

export const { Connection: ContractConnection } = connectionOf(Contract, "Contract");

/** Converts a row to its API type. */
export function toContract(row: ContractRow): Contract {
  const id = encodeId("contract", row.id);
  return Object.assign(new Contract(), contractColumns.shown(row), {
    id,
    nodeKey: id,
    kind: row.kind as ContractKind,
    status: row.status as ContractStatus,
    amount: toMoney(row.amount, row.currency),
    owner: User.of(row.ownerId),
    createdBy: User.of(row.createdBy),
    row,
  });
}
