import { Allow, connectionOf, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { VendorRow } from "./vendor.store.js";

export enum VendorStatus {
  ACTIVE = "ACTIVE",
  INACTIVE = "INACTIVE",
}
registerEnumType(VendorStatus, {
  name: "VendorStatus",
  description: "Whether work can be assigned to a vendor.",
  valuesConfig: { INACTIVE: { description: "Gets no new work. Assigned work stays visible to the vendor." } },
});

@ObjectType({ description: "A company that works for the tenant. Its users see what is assigned to it, and nothing else." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Vendor {
  @Field(() => ID, { description: "ID (`vnd_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Email address." })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "Phone number." })
  phone!: string | null;

  @Field(() => [String], { description: "Categories of work, for example `hvac` and `elevators`." })
  categories!: string[];

  @Field(() => VendorStatus, { description: "Whether work can be assigned to the vendor." })
  status!: VendorStatus;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateVendor` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export const { Connection: VendorConnection } = connectionOf(Vendor);

/** Converts a row to its API type. */
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
