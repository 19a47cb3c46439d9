import { Allow, canInTenant, DateTimeScalar, encodeId, type EntityStub, JsonScalar, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { InboundMailAddressRow } from "./inbound-mail-address.store.js";

@ObjectType({
  description: "An email address at which an email becomes a request of one type, in the name of the user with the sender's address.",
})
@Allow(canInTenant("requestType.update"))
export class InboundMailAddress {
  @Field(() => ID, { description: "ID (`ima_…`)." })
  id!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: "Field of the type's `form` that gets the subject. If null, the subject is the first line of the text.",
  })
  subjectField!: string | null;

  @Field(() => String, { description: "Field of the type's `form` that gets the text." })
  textField!: string;

  @Field(() => JsonScalar, { description: "Values of other fields of the type's `form`." })
  data!: Record<string, unknown>;

  @Field(() => Boolean, { description: "Whether the address receives email." })
  isActive!: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last email, refused ones included. Null if there is none." })
  lastReceivedAt!: string | null;

  @Field(() => User, { nullable: true, description: "User who created the address. Null if you cannot see the user." })
  createdBy!: EntityStub | null;

  @Field(() => Int, {
    description: "Version number, incremented on every change, but not by emails. Pass it to mutations as `expectedVersion`.",
  })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change. Emails do not change the address." })
  updatedAt!: string;

  readonly row!: InboundMailAddressRow;
}

/** Converts a row to its API type. */
export const toInboundMailAddress = (row: InboundMailAddressRow): InboundMailAddress =>
  Object.assign(new InboundMailAddress(), {
    id: encodeId("inboundMailAddress", row.id),
    name: row.name,
    subjectField: row.subjectField,
    textField: row.textField,
    data: row.data,
    isActive: row.isActive,
    lastReceivedAt: row.lastReceivedAt,
    createdBy: User.of(row.createdBy),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    row,
  });

export const InboundMailAddressPayload = payloadOf(InboundMailAddress, "inboundMailAddress");
export type InboundMailAddressPayload = InstanceType<typeof InboundMailAddressPayload>;
