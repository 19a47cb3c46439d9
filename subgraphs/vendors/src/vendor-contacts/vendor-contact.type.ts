import { Allow, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import type { ContactRow } from "./vendor-contact.store.js";

@ObjectType({ description: "A person at a vendor whom the organization talks to. Contacts need no login." })
@Allow(inherit)
export class VendorContact {
  @Field(() => ID, { description: "ID (`vct_…`)." })
  id!: string;

  @Field(() => String, { description: "Name of the person." })
  name!: string;

  @Field(() => String, { nullable: true, description: "What the person does at the vendor, for example `Dispatcher`." })
  role!: string | null;

  @Field(() => String, { nullable: true, description: "Email address." })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "Phone number." })
  phone!: string | null;

  @Field(() => Boolean, { description: "Whether this is the first person to talk to. At most one contact of a vendor is." })
  isPrimary!: boolean;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateVendorContact` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

/** Converts a row to its API type. */
export function toContact({ id, ...row }: ContactRow): VendorContact {
  const { name, role, email, phone, isPrimary, version, createdAt, updatedAt } = row;
  return Object.assign(new VendorContact(), {
    id: encodeId("vendorContact", id),
    name,
    role,
    email,
    phone,
    isPrimary,
    version,
    createdAt,
    updatedAt,
  });
}

export const VendorContactPayload = payloadOf(VendorContact, "contact");
export type VendorContactPayload = InstanceType<typeof VendorContactPayload>;
