import { Allow, can, connectionOf, DateTimeScalar, encodeId, inherit, staff } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Money, toMoney } from "../money/money.type.js";
import { Project } from "../projects/project.type.js";
import { User } from "../references.js";
import { Vendor } from "../vendors/vendor.type.js";
import { ContractKind, ContractStatus } from "./contract.enums.js";
import type { ContractRow } from "./contract.store.js";

@ObjectType({ description: "A contract with a vendor. What the parties agree on is in its versions." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("contract.read"))
export class Contract {
  @Field(() => ID, { description: "ID (`ctr_…`)." })
  @Allow(inherit)
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Number, unique in the tenant, for example `C-12`." })
  number!: string;

  @Field(() => ContractKind, { description: "What the contract is about." })
  kind!: ContractKind;

  @Field(() => ContractStatus, { description: "Status." })
  status!: ContractStatus;

  @Field(() => String, { description: "Title in the version in force, or in the draft if no version is signed." })
  title!: string;

  @Field(() => Money, { description: "Amount in the version in force, or in the draft if no version is signed." })
  amount!: Money;

  @Field(() => String, { description: "First day (`YYYY-MM-DD`) in the version in force, or in the draft if no version is signed." })
  startsOn!: string;

  @Field(() => String, {
    nullable: true,
    description: "Last day (`YYYY-MM-DD`) in the version in force, or in the draft if no version is signed. Null: no fixed end.",
  })
  endsOn!: string | null;

  @Field(() => Vendor, { nullable: true, description: "The vendor. Null if you cannot see it." })
  vendor?: Vendor | null;

  @Field(() => Project, { nullable: true, description: "The project. Null if there is none, or you cannot see it." })
  project?: Project | null;

  @Field(() => User, { nullable: true, description: "User who is responsible for the contract." })
  @Allow(staff)
  owner!: User | null;

  @Field(() => String, { nullable: true, description: "Internal notes. Users of the vendor never see them." })
  @Allow(staff)
  ownerNotes!: string;

  @Field(() => [Int], {
    nullable: true,
    description: "Days before the last day for a notice at which the owner is reminded. Only for users of the organization.",
  })
  @Allow(staff)
  reminderDays!: number[];

  @Field(() => String, {
    nullable: true,
    description: "First day on which the contract is no longer in force (`YYYY-MM-DD`). Null unless it is terminated.",
  })
  terminatesOn!: string | null;

  @Field(() => String, { nullable: true, description: "Why the contract is terminated." })
  @Allow(staff)
  terminationReason!: string | null;

  @Field(() => User, { nullable: true, description: "Creator." })
  @Allow(staff)
  createdBy!: User | null;

  @Field(() => Int, {
    description: "Version number of this record, incremented on every change. Pass it to mutations as `expectedVersion`.",
  })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  row!: ContractRow;
}

export const { Connection: ContractConnection } = connectionOf(Contract, "Contract");

/** Converts a row to its API type. */
export function toContract(row: ContractRow): Contract {
  const id = encodeId("contract", row.id);
  const { number, title, startsOn, endsOn, ownerNotes, reminderDays, terminatesOn, terminationReason, version, createdAt, updatedAt } = row;
  return Object.assign(new Contract(), {
    id,
    nodeKey: id,
    number,
    kind: row.kind as ContractKind,
    status: row.status as ContractStatus,
    title,
    amount: toMoney(row.amount, row.currency),
    startsOn,
    endsOn,
    owner: User.of(row.ownerId),
    ownerNotes,
    reminderDays,
    terminatesOn,
    terminationReason,
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
    row,
  });
}
