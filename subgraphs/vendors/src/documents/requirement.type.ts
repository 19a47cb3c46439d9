import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { RequirementsRow } from "./requirement.store.js";

@ObjectType({ description: "A kind of document that vendors must have." })
@Allow(inherit)
export class VendorDocumentRequirement {
  @Field(() => String, { description: "Kind, for example `INSURANCE`." })
  kind!: string;

  @Field(() => [String], { description: "Categories of the vendors that must have it. Empty: all vendors." })
  categories!: readonly string[];

  @Field(() => [Int], { description: "Days before the last day at which users are reminded." })
  reminderDays!: readonly number[];
}

@ObjectType({ description: "The documents that vendors must have to get work." })
@Allow(inherit)
export class VendorDocumentRequirements {
  @Field(() => [VendorDocumentRequirement], { description: "Requirements, one per kind." })
  requirements!: readonly VendorDocumentRequirement[];

  @Field(() => Int, {
    description:
      "Version number, incremented on every change. Pass it to `setVendorDocumentRequirements` as `expectedVersion`. 0: never set.",
  })
  version!: number;

  @Field(() => User, { nullable: true, description: "User who made the last change. Null if there was none." })
  updatedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last change. Null if there was none." })
  updatedAt!: string | null;
}

/** Converts a row to its API type. Null: a tenant that never required documents. */
export const toRequirements = (row: RequirementsRow | null): VendorDocumentRequirements =>
  Object.assign(new VendorDocumentRequirements(), {
    requirements: (row?.requirements ?? []).map((requirement) => Object.assign(new VendorDocumentRequirement(), requirement)),
    version: row?.version ?? 0,
    updatedBy: row === null ? null : User.of(row.updatedBy),
    updatedAt: row?.updatedAt ?? null,
  });
