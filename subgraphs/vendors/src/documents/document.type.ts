import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Directive, ObjectType, Field } from "type-graphql";
import { User } from "../references.js";
import { Vendor } from "../vendors/vendor.type.js";
import { MissingDocumentReason, VendorDocumentStatus } from "./document.enums.js";
import type { ShownDocument } from "./document.store.js";
import type { MissingDocumentRow } from "./missing-documents.store.js";

const forStaff = { nullable: true, decorators: [Allow(staff)] } as const;

export const documentColumns = columns({
  ...standardColumns.id("ID (`vdo_…`).", "The document."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  vendorId: column.id("The vendor.", { shown: false, updated: false, converted: true }),
  kind: column.text("Kind: a name that you choose (1 to 40 uppercase letters, digits, and underscores), for example `INSURANCE`.", {
    shown: "Kind, for example `INSURANCE`.",
  }),
  title: column.text("Title.", { max: 200, trimmed: true }),
  fileId: column.id("The file (`fil_…`), from `createUpload`. Its bytes must have been received.", {
    shown: false,
    updated: false,
    converted: true,
  }),
  number: column.text("Number of the document, for example of a policy.", {
    max: 100,
    trimmed: true,
    nullable: true,
    created: "Number of the document (at most 100 characters).",
    updated: "Number of the document (at most 100 characters). Null removes it.",
  }),
  issuedOn: column.text("Day on which it was issued (`YYYY-MM-DD`).", {
    nullable: true,
    updated: "Day on which it was issued (`YYYY-MM-DD`). Null removes it.",
  }),
  validUntil: column.text(
    "Last day (`YYYY-MM-DD`). The document is valid until the end of that day, in the time zone of the organization. Null: no end.",
    { nullable: true },
  ),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    expiresAt: column.time(
      "Time from which it no longer counts: the end of `validUntil` in the time zone of the organization. Null: no end.",
      { nullable: true },
    ),
    isExpired: column.flag("Whether `expiresAt` has passed."),
    status: column.of(() => VendorDocumentStatus, "Status."),
    reason: column.text("Why it was rejected. Null if it was not.", { nullable: true }),
    reviewNote: column.text("Note of the review. Only for users of the organization.", forStaff),
    reviewedBy: column.of(() => User, "User who reviewed it. Only for users of the organization.", forStaff),
    reviewedAt: column.time("Time of the review. Null until it is reviewed.", { nullable: true }),
    vendor: column.of(() => Vendor, "The vendor. Null if you cannot see it.", { nullable: true, resolved: true }),
    createdBy: column.of(() => User, "User who added it. Null if you cannot see the user.", { nullable: true }),
    version: column.int("Version number, incremented on every change. Pass it to mutations as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(documentColumns)
@ObjectType({
  description: "A document of a vendor, for example a proof of insurance. It counts while it is accepted and has not expired.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("vendorDocument.read"))
export class VendorDocument extends shapeOf(documentColumns) {
  /** UUID, for the resolver. */
  vendorId!: string;
}

export const AddVendorDocumentInput = createInputOf("AddVendorDocumentInput", documentColumns);
export type AddVendorDocumentInput = InstanceType<typeof AddVendorDocumentInput>;

export const UpdateVendorDocumentInput = updateInputOf(
  "UpdateVendorDocumentInput",
  documentColumns,
  "Input of `updateVendorDocument`. Omitted fields keep their values. A reviewed document waits for a review again, unless only the title changes.",
);
export type UpdateVendorDocumentInput = InstanceType<typeof UpdateVendorDocumentInput>;

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
  return Object.assign(new VendorDocument(), documentColumns.shown(row), {
    id,
    nodeKey: id,
    status: row.status as VendorDocumentStatus,
    reviewedBy: row.reviewedBy === null ? null : User.of(row.reviewedBy),
    createdBy: User.of(row.createdBy),
    vendorId: row.vendorId,
  });
}

/** Converts a row to its API type. */
export const toMissingDocument = ({ kind, reason, expiredAt, documentId }: MissingDocumentRow): MissingVendorDocument =>
  Object.assign(new MissingVendorDocument(), { kind, reason: reason as MissingDocumentReason, expiredAt, documentId });
