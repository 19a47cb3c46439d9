import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
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

export const registrationLinkColumns = columns({
  ...column.shownOnly({
    id: column.id("ID (`vrl_…`)."),
    status: column.of(
      () => VendorRegistrationLinkStatus,
      "Whether vendors can register with the link. `REVOKED` comes before `USED`, and `USED` before `EXPIRED`.",
    ),
  }),
  note: column.text("Note, for example where the link is published.", { max: 500, mayBeEmpty: true, hasLines: true, nullable: true }),
  ...column.shownOnly({
    email: column.text("Invited email address. Null if everybody who has the link can use it.", { nullable: true }),
  }),
  registrationsPerHour: column.int("Number of registrations that the link accepts per hour.", {
    initial: 30,
    created: "Number of registrations that the link accepts per hour, 1 to 1,000. More are refused with `RATE_LIMITED`.",
  }),
  maxRegistrations: column.int("Number of registrations that the link accepts in total. Null if there is no limit.", {
    nullable: true,
    created: "Number of registrations that the link accepts in total, 1 to 100,000. Default: no limit.",
  }),
  ...column.shownOnly({
    registrationCount: column.int("Number of vendors that registered with the link."),
    lastUsedAt: column.time("Time of the last registration. Null if there is none.", { nullable: true }),
  }),
  expiresAt: column.time("Expiration time. Null if the link does not expire.", {
    nullable: true,
    created: "Expiration time, in the future. Default: the link does not expire.",
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    revokedAt: column.time("Time of the revocation. Null if the link is not revoked.", { nullable: true }),
    createdBy: column.of(() => User, "User who created the link, and in whose name vendors are created. Null if you cannot see the user.", {
      nullable: true,
    }),
    version: column.int("Version number, incremented when the link is revoked."),
    createdAt: column.time("Creation time."),
    updatedAt: column.time("Time of the last change. Registrations do not change the link."),
  }),
});

@ShowColumns(registrationLinkColumns)
@ObjectType({
  description:
    "A link with which companies register as vendors, without a login: everybody who has it, or one company that was invited by email.",
})
@Allow(canInTenant("vendor.create"))
export class VendorRegistrationLink extends shapeOf(registrationLinkColumns) {
  readonly row!: ShownLink;
}

export const CreateVendorRegistrationLinkInput = createInputOf("CreateVendorRegistrationLinkInput", registrationLinkColumns);
export type CreateVendorRegistrationLinkInput = InstanceType<typeof CreateVendorRegistrationLinkInput>;

export const { Connection: VendorRegistrationLinkConnection } = connectionOf(VendorRegistrationLink);

/** Converts a row to its API type. */
export const toRegistrationLink = (row: ShownLink): VendorRegistrationLink =>
  Object.assign(new VendorRegistrationLink(), registrationLinkColumns.shown(row), {
    id: encodeId("vendorRegistrationLink", row.id),
    status: row.status as VendorRegistrationLinkStatus,
    createdBy: User.of(row.createdBy),
    row,
  });

export const VendorRegistrationLinkPayload = payloadOf(VendorRegistrationLink, "link");
export type VendorRegistrationLinkPayload = InstanceType<typeof VendorRegistrationLinkPayload>;
