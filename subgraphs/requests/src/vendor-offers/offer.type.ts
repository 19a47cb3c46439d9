import { Allow, connectionOf, DateTimeScalar, encodeId, type EntityStub, inherit, staff, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({
  description: "An offer of a request to a vendor. Until the vendor accepts, its users see of the request only what is in the offer.",
})
@Allow(inherit)
export class VendorOffer {
  @Field(() => ID, { description: "ID (`vof_…`)." })
  id!: string;

  @Field(() => VendorOfferStatus, { description: "Status." })
  status!: VendorOfferStatus;

  @Field(() => Vendor, { nullable: true, description: "The vendor." })
  vendor!: EntityStub | null;

  @Field(() => Request, { nullable: true, description: "The request. Null if you cannot see it: a vendor sees it after it has accepted." })
  request?: Request | null;

  @Field(() => String, { description: "Number of the request." })
  number!: string;

  @Field(() => String, { description: "What the work is about." })
  title!: string;

  @Field(() => String, { description: "Kind of work. By default, the name of the request's type." })
  category!: string;

  @Field(() => String, { nullable: true, description: "Name of the building. Null if there is none." })
  buildingName!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Due date of the request when it was offered. Null if there is none." })
  dueAt!: string | null;

  @Field(() => String, { nullable: true, description: "Note to the vendor. Null if there is none." })
  note!: string | null;

  @Field(() => String, { nullable: true, description: "Why the vendor declined. Null unless it did." })
  reason!: string | null;

  @Field(() => User, { nullable: true, description: "User who offered the request. Only for users of the organization." })
  @Allow(staff)
  offeredBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the offer." })
  offeredAt!: string;

  @Field(() => DateTimeScalar, { description: "Time until which the vendor can accept." })
  expiresAt!: string;

  @Field(() => User, { nullable: true, description: "User who accepted or declined. Null if nobody did, or you cannot see the user." })
  answeredBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the offer ended. Null if it is open." })
  endedAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  requestId!: string;
}

export const { Connection: VendorOfferConnection } = connectionOf(VendorOffer);

/** Converts a row to its API type. */
export function toOffer(row: OfferRow): VendorOffer {
  const { title, category, buildingName, dueAt, note, reason, offeredAt, expiresAt, endedAt, version, requestId } = row;
  return Object.assign(new VendorOffer(), {
    id: encodeId("vendorOffer", row.id),
    status: row.status as VendorOfferStatus,
    vendor: Vendor.of(row.vendorId),
    number: row.requestNumber,
    title,
    category,
    buildingName,
    dueAt,
    note,
    reason,
    offeredBy: User.of(row.offeredBy),
    offeredAt,
    expiresAt,
    answeredBy: User.ofOrNull(row.answeredBy),
    endedAt,
    version,
    requestId,
  });
}

export const VendorOfferPayload = payloadOf(VendorOffer, "offer");
export type VendorOfferPayload = InstanceType<typeof VendorOfferPayload>;
