import type { ContractContent } from "@weft/drizzle";
import { Allow, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType } from "type-graphql";
import { Money } from "../money/money.type.js";
import { User, WorkflowInstance } from "../references.js";
import { Vendor } from "../vendors/vendor.type.js";
import { ContractPartyRole, ContractRenewal, ContractVersionStatus } from "./contract.enums.js";
import type { ContractVersionRow } from "./contract-version.store.js";

@ObjectType({ description: "A party of a contract." })
@Allow(inherit)
export class ContractParty {
  @Field(() => ContractPartyRole, { description: "Role of the party." })
  role!: ContractPartyRole;

  @Field(() => String, { description: "Name at the time when the version was written." })
  name!: string;

  @Field(() => Vendor, { nullable: true, description: "The vendor. Null if the party is not a vendor, or you cannot see it." })
  vendor?: Vendor | null;

  /** TypeID, for the resolver. */
  vendorId!: string | null;
}

@ObjectType({ description: "Something that a party of a contract must do." })
@Allow(inherit)
export class ContractObligation {
  @Field(() => String, { description: "What the party must do." })
  text!: string;

  @Field(() => ContractPartyRole, { description: "The party." })
  party!: ContractPartyRole;

  @Field(() => String, { description: "Day by which it must be done (`YYYY-MM-DD`), the first one if it recurs." })
  dueOn!: string;

  @Field(() => Int, { nullable: true, description: "Months after which it is due again. Null: once." })
  everyMonths!: number | null;
}

@ObjectType({ description: "A file that belongs to a version of a contract." })
@Allow(inherit)
export class ContractDocument {
  @Field(() => String, { description: "File name." })
  name!: string;

  @Field(() => String, { description: "SHA-256 of the file, in hexadecimal." })
  sha256!: string;
}

@ObjectType({ description: "A difference between two versions of a contract." })
@Allow(inherit)
export class ContractChange {
  @Field(() => String, { description: "Name of the changed part, for example `endsOn` or `amount.amount`." })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Value in the earlier version." })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "Value in this version." })
  after!: unknown;
}

@ObjectType({ description: "A version of a contract: what the parties agree on. A signed version never changes." })
@Allow(inherit)
export class ContractVersion {
  @Field(() => Int, { description: "Number within the contract, starting at 1." })
  number!: number;

  @Field(() => ContractVersionStatus, { description: "Status." })
  status!: ContractVersionStatus;

  @Field(() => String, { description: "Title." })
  title!: string;

  @Field(() => [ContractParty], { description: "Parties." })
  parties!: ContractParty[];

  @Field(() => Money, { description: "Agreed amount." })
  amount!: Money;

  @Field(() => String, { description: "First day (`YYYY-MM-DD`)." })
  startsOn!: string;

  @Field(() => String, { nullable: true, description: "Last day (`YYYY-MM-DD`). Null: no fixed end." })
  endsOn!: string | null;

  @Field(() => Int, { description: "Days before the end by which a party must give notice." })
  noticeDays!: number;

  @Field(() => ContractRenewal, { description: "What happens at the end." })
  renewal!: ContractRenewal;

  @Field(() => Int, { nullable: true, description: "Months by which an automatic renewal extends the contract." })
  renewalMonths!: number | null;

  @Field(() => [ContractObligation], { description: "What the parties must do." })
  obligations!: ContractObligation[];

  @Field(() => String, { description: "Text of the contract. Can be empty." })
  terms!: string;

  @Field(() => [ContractDocument], { description: "Attachments of the contract when the version was submitted. Empty before." })
  documents!: ContractDocument[];

  @Field(() => String, {
    nullable: true,
    description: "SHA-256 of `hashedText`, in hexadecimal, stored with the signature. Null until the version is signed.",
  })
  hash!: string | null;

  @Field(() => String, {
    description:
      "The content as canonical JSON. The hash of a signed version is the SHA-256 of this text in UTF-8, so you can verify it yourself.",
  })
  hashedText!: string;

  @Field(() => Boolean, { nullable: true, description: "Whether the content still has its hash. Null until the version is signed." })
  isHashValid!: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Why the last approval ended without a signature: the comment of the user who refused it. Empty if there is none. Null if none has.",
  })
  @Allow(staff)
  reason!: string | null;

  @Field(() => WorkflowInstance, { nullable: true, description: "Workflow of the last approval." })
  @Allow(staff)
  workflow!: WorkflowInstance | null;

  @Field(() => User, { nullable: true, description: "User who last submitted the version." })
  @Allow(staff)
  submittedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last submission." })
  @Allow(staff)
  submittedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the signature." })
  signedAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  /** UUID of the contract, for loaders. */
  contractId!: string;
  content!: ContractContent;
}

/** Converts a row to its API type. */
export function toContractVersion(row: ContractVersionRow): ContractVersion {
  const { content, instanceId, submittedBy, ...rest } = row;
  return Object.assign(new ContractVersion(), content, rest, {
    content,
    status: row.status as ContractVersionStatus,
    workflow: instanceId === null ? null : WorkflowInstance.of(instanceId),
    submittedBy: submittedBy === null ? null : User.of(submittedBy),
  });
}
