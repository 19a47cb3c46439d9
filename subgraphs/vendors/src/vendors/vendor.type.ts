import { Allow, connectionOf, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { VendorRow } from "./vendor.store.js";

export enum VendorStatus {
  ACTIVE = "ACTIVE",
  INACTIVE = "INACTIVE",
}
registerEnumType(VendorStatus, {
  name: "VendorStatus",
  description: "Whether work can be given to the vendor.",
  valuesConfig: { INACTIVE: { description: "No new work; what was assigned stays visible to the vendor." } },
});

@ObjectType({ description: "A company that works for the tenant. Its users see what is assigned to it, and nothing else." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Vendor {
  @Field(() => ID, { description: "TypeID, `vnd_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Where it is written to." })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "Where it is called." })
  phone!: string | null;

  @Field(() => [String], { description: "What it does: `hvac`, `elevators`." })
  categories!: string[];

  @Field(() => VendorStatus, { description: "Whether work can be given to it." })
  status!: VendorStatus;

  @Field(() => Int, { description: "Grows with each change; `updateVendor` takes it as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
  updatedAt!: string;
}

export const { Connection: VendorConnection } = connectionOf(Vendor);

/** The API's view of a row. */
export function toVendor(row: VendorRow): Vendor {
  const id = encodeId("vendor", row.id);
  const { code, name, email, phone, categories, version, createdAt, updatedAt } = row;
  return Object.assign(new Vendor(), {
    id,
    nodeKey: id,
    code,
    name,
    email,
    phone,
    categories,
    status: row.status as VendorStatus,
    version,
    createdAt,
    updatedAt,
  });
}
