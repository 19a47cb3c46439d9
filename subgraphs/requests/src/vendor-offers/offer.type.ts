import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { User, Vendor } from "../references.js";
import { Request } from "../requests/request.type.js";
import type { OfferRow } from "./offer.store.js";

export enum VendorOfferStatus {
  OPEN = "OPEN",
  ACCEPTED = "ACCEPTED",
  DECLINED = "DECLINED",
  EXPIRED = "EXPIRED",
  WITHDRAWN = "WITHDRAWN",
}
registerEnumType(VendorOfferStatus, {
  name: "VendorOfferStatus",
  description: "Status of an offer to a vendor.",
  valuesConfig: {
    OPEN: { description: "The vendor can accept or decline it." },
    ACCEPTED: { description: "The vendor accepted it, and got the request." },
    DECLINED: { description: "The vendor declined it." },
    EXPIRED: { description: "The vendor did not answer in time." },
    WITHDRAWN: { description: "The request has ended or was assigned in another way, for example because another vendor accepted first." },
  },
});

export const offerColumns = columns({
  id: column.id("ID (`vof_…`).", { created: false, updated: "The offer.", requiredInUpdate: true, isKey: true }),
  ...column.shownOnly({
    status: column.of(() => VendorOfferStatus, "Status."),
    vendor: column.of(() => Vendor, "The vendor.", { shownNullable: true }),
    request: column.of(() => Request, "The request. Null if you cannot see it: a vendor sees it after it has accepted.", {
      shownNullable: true,
      resolved: true,
    }),
    number: column.text("Number of the request."),
  }),
  requestId: column.id("The request: one that has not ended and has no assignee.", { shown: false, updated: false }),
  vendorId: column.id("The vendor.", { shown: false, updated: false }),
  expiresInMinutes: column.int("Minutes in which the vendor can accept (1 to 43,200).", { shown: false, updated: false }),
  title: column.text("What the work is about.", {
    max: 200,
    created: "What the work is about, for the vendor (1 to 200 characters).",
    updated: false,
  }),
  category: column.text("Kind of work. By default, the name of the request's type.", {
    max: 60,
    created: "Kind of work, for the vendor (1 to 60 characters). Default: the name of the request's type.",
    updated: false,
    optional: true,
  }),
  ...column.shownOnly({
    buildingName: column.text("Name of the building. Null if there is none.", { nullable: true }),
    dueAt: column.time("Due date of the request when it was offered. Null if there is none.", { nullable: true }),
  }),
  note: column.text("Note to the vendor. Null if there is none.", {
    max: 2000,
    hasLines: true,
    created: "Note to the vendor (1 to 2,000 characters).",
    updated: false,
    nullable: true,
  }),
  reason: column.text("Why the vendor declined. Null unless it did.", {
    max: 1000,
    hasLines: true,
    created: false,
    updated: "Why (1 to 1,000 characters).",
    nullable: true,
    requiredInUpdate: true,
  }),
  ...column.shownOnly({
    offeredBy: column.of(() => User, "User who offered the request. Only for users of the organization.", {
      shownNullable: true,
      decorators: [Allow(staff)],
    }),
    offeredAt: column.time("Time of the offer."),
    expiresAt: column.time("Time until which the vendor can accept."),
    answeredBy: column.of(() => User, "User who accepted or declined. Null if nobody did, or you cannot see the user.", { nullable: true }),
    endedAt: column.time("Time at which the offer ended. Null if it is open.", { nullable: true }),
    version: column.int("Version number, incremented on every change."),
  }),
  ...standardColumns.idempotencyKey,
});

@ShowColumns(offerColumns)
@ObjectType({
  description: "An offer of a request to a vendor. Until the vendor accepts, its users see of the request only what is in the offer.",
})
@Allow(inherit)
export class VendorOffer extends shapeOf(offerColumns) {
  requestId!: string;
}

export const OfferToVendorInput = createInputOf("OfferToVendorInput", offerColumns);
export type OfferToVendorInput = InstanceType<typeof OfferToVendorInput>;

export const DeclineOfferInput = updateInputOf("DeclineOfferInput", offerColumns, "Input of `declineOffer`.");
export type DeclineOfferInput = InstanceType<typeof DeclineOfferInput>;

export const { Connection: VendorOfferConnection } = connectionOf(VendorOffer);

/** Converts a row to its API type. */
export const toOffer = (row: OfferRow): VendorOffer =>
  Object.assign(new VendorOffer(), {
    ...offerColumns.shown(row),
    id: encodeId("vendorOffer", row.id),
    vendor: Vendor.of(row.vendorId),
    number: row.requestNumber,
    offeredBy: User.of(row.offeredBy),
    answeredBy: User.ofOrNull(row.answeredBy),
    requestId: row.requestId,
  });

export const VendorOfferPayload = payloadOf(VendorOffer, "offer");
export type VendorOfferPayload = InstanceType<typeof VendorOfferPayload>;
