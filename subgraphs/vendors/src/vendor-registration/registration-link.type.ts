import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { ShownLink } from "./registration-link.store.js";

export enum VendorRegistrationLinkStatus {
  OPEN = "OPEN",
  USED = "USED",
  EXPIRED = "EXPIRED",
  REVOKED = "REVOKED",
}
registerEnumType(VendorRegistrationLinkStatus, {
  name: "VendorRegistrationLinkStatus",
  description: "Whether vendors can register with a link.",
  valuesConfig: {
    OPEN: { description: "Accepts registrations." },
    USED: { description: "Accepted as many registrations as it can." },
    EXPIRED: { description: "Its expiration time has passed." },
    REVOKED: { description: "Was revoked." },
  },
});

@ObjectType({
  description:
    "A link with which companies register as vendors, without a login: everybody who has it, or one company that was invited by email.",
})
@Allow(canInTenant("vendor.create"))
export class VendorRegistrationLink {
  @Field(() => ID, { description: "ID (`vrl_…`)." })
  id!: string;

  @Field(() => VendorRegistrationLinkStatus, {
    description: "Whether vendors can register with the link. `REVOKED` comes before `USED`, and `USED` before `EXPIRED`.",
  })
  status!: VendorRegistrationLinkStatus;

  @Field(() => String, { nullable: true, description: "Note, for example where the link is published." })
  note!: string | null;

  @Field(() => String, { nullable: true, description: "Invited email address. Null if everybody who has the link can use it." })
  email!: string | null;

  @Field(() => Int, { description: "Number of registrations that the link accepts per hour." })
  registrationsPerHour!: number;

  @Field(() => Int, { nullable: true, description: "Number of registrations that the link accepts in total. Null if there is no limit." })
  maxRegistrations!: number | null;

  @Field(() => Int, { description: "Number of vendors that registered with the link." })
  registrationCount!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last registration. Null if there is none." })
  lastUsedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiration time. Null if the link does not expire." })
  expiresAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the revocation. Null if the link is not revoked." })
  revokedAt!: string | null;

  @Field(() => User, {
    nullable: true,
    description: "User who created the link, and in whose name vendors are created. Null if you cannot see the user.",
  })
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented when the link is revoked." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change. Registrations do not change the link." })
  updatedAt!: string;

  readonly row!: ShownLink;
}

export const { Connection: VendorRegistrationLinkConnection } = connectionOf(VendorRegistrationLink);

/** Converts a row to its API type. */
export const toRegistrationLink = (row: ShownLink): VendorRegistrationLink =>
  Object.assign(new VendorRegistrationLink(), {
    id: encodeId("vendorRegistrationLink", row.id),
    status: row.status as VendorRegistrationLinkStatus,
    note: row.note,
    email: row.email,
    registrationsPerHour: row.registrationsPerHour,
    maxRegistrations: row.maxRegistrations,
    registrationCount: row.registrationCount,
    lastUsedAt: row.lastUsedAt,
    expiresAt: row.expiresAt,
    revokedAt: row.revokedAt,
    createdBy: User.of(row.createdBy),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    row,
  });

export const VendorRegistrationLinkPayload = payloadOf(VendorRegistrationLink, "link");
export type VendorRegistrationLinkPayload = InstanceType<typeof VendorRegistrationLinkPayload>;
