import { Allow, can, connectionOf, DateTimeScalar, encodeId, inherit, staff } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import { Vendor } from "../vendors/vendor.type.js";
import { MissingDocumentReason, VendorDocumentStatus } from "./document.enums.js";
import type { ShownDocument } from "./document.store.js";
import type { MissingDocumentRow } from "./missing-documents.store.js";

@ObjectType({
  description: "A document of a vendor, for example a proof of insurance. It counts while it is accepted and has not expired.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("vendorDocument.read"))
export class VendorDocument {
  @Field(() => ID, { description: "ID (`vdo_…`)." })
  @Allow(inherit)
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Kind, for example `INSURANCE`." })
  kind!: string;

  @Field(() => String, { description: "Title." })
  title!: string;

  @Field(() => String, { nullable: true, description: "Number of the document, for example of a policy." })
  number!: string | null;

  @Field(() => String, { nullable: true, description: "Day on which it was issued (`YYYY-MM-DD`)." })
  issuedOn!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Last day (`YYYY-MM-DD`). The document is valid until the end of that day, in the time zone of the organization. Null: no end.",
  })
  validUntil!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time from which it no longer counts: the end of `validUntil` in the time zone of the organization. Null: no end.",
  })
  expiresAt!: string | null;

  @Field(() => Boolean, { description: "Whether `expiresAt` has passed." })
  isExpired!: boolean;

  @Field(() => VendorDocumentStatus, { description: "Status." })
  status!: VendorDocumentStatus;

  @Field(() => String, { nullable: true, description: "Why it was rejected. Null if it was not." })
  reason!: string | null;

  @Field(() => String, { nullable: true, description: "Note of the review. Only for users of the organization." })
  @Allow(staff)
  reviewNote!: string | null;

  @Field(() => User, { nullable: true, description: "User who reviewed it. Only for users of the organization." })
  @Allow(staff)
  reviewedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the review. Null until it is reviewed." })
  reviewedAt!: string | null;

  @Field(() => Vendor, { nullable: true, description: "The vendor. Null if you cannot see it." })
  vendor?: Vendor | null;

  @Field(() => User, { nullable: true, description: "User who added it. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to mutations as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for the resolver. */
  vendorId!: string;
}

export const { Connection: VendorDocumentConnection } = connectionOf(VendorDocument);

@ObjectType({ description: "A required document that does not count. Without it, the vendor gets no new work." })
@Allow(inherit)
export class MissingVendorDocument {
  @Field(() => String, { description: "Required kind, for example `INSURANCE`." })
  kind!: string;

  @Field(() => MissingDocumentReason, { description: "Why no document of the kind counts." })
  reason!: MissingDocumentReason;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the last accepted document of the kind expired. Null if there is none.",
  })
  expiredAt!: string | null;

  @Field(() => VendorDocument, { nullable: true, description: "The document that the reason is about. Null if there is none." })
  document?: VendorDocument | null;

  /** UUID, for the resolver. */
  documentId!: string | null;
}

/** Converts a row to its API type. */
export function toDocument(row: ShownDocument): VendorDocument {
  const id = encodeId("vendorDocument", row.id);
  const { kind, title, number, issuedOn, validUntil, expiresAt, isExpired, reason, reviewNote, reviewedAt } = row;
  const { version, createdAt, updatedAt, vendorId } = row;
  return Object.assign(new VendorDocument(), {
    id,
    nodeKey: id,
    kind,
    title,
    number,
    issuedOn,
    validUntil,
    expiresAt,
    isExpired,
    status: row.status as VendorDocumentStatus,
    reason,
    reviewNote,
    reviewedBy: row.reviewedBy === null ? null : User.of(row.reviewedBy),
    reviewedAt,
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
    vendorId,
  });
}

/** Converts a row to its API type. */
export const toMissingDocument = ({ kind, reason, expiredAt, documentId }: MissingDocumentRow): MissingVendorDocument =>
  Object.assign(new MissingVendorDocument(), { kind, reason: reason as MissingDocumentReason, expiredAt, documentId });
