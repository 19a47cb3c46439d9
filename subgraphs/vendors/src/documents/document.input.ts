import { Allow, ConnectionArgs, type FilterValue, inherit, type OrderByValue, quote, InputWarning } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { VendorDocumentDecision } from "./document.enums.js";
import { VendorDocumentFilter, VendorDocumentOrder } from "./document.filter.js";
import type { ShownDocument } from "./document.store.js";
import { toDocument, VendorDocument } from "./document.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";
const kind = "Kind: a name that you choose (1 to 40 uppercase letters, digits, and underscores), for example `INSURANCE`.";
const validUntil =
  "Last day (`YYYY-MM-DD`). The document is valid until the end of that day, in the time zone of the organization. Null: no end.";

@ArgsType()
export class VendorDocumentsArgs extends ConnectionArgs {
  @Field(() => VendorDocumentFilter.Input, { nullable: true, description: "Filter for documents." })
  filter?: FilterValue | null;

  @Field(() => VendorDocumentOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `addVendorDocument`." })
export class AddVendorDocumentInput {
  @Field(() => ID, { description: "The vendor." })
  vendorId!: string;

  @Field(() => String, { description: kind })
  kind!: string;

  @Field(() => String, { description: "Title (1 to 200 characters)." })
  title!: string;

  @Field(() => ID, { description: "The file (`fil_…`), from `createUpload`. Its bytes must have been received." })
  fileId!: string;

  @Field(() => String, { nullable: true, description: "Number of the document (at most 100 characters)." })
  number?: string | null;

  @Field(() => String, { nullable: true, description: "Day on which it was issued (`YYYY-MM-DD`)." })
  issuedOn?: string | null;

  @Field(() => String, { nullable: true, description: validUntil })
  validUntil?: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({
  description:
    "Input of `updateVendorDocument`. Omitted fields keep their values. A reviewed document waits for a review again, unless only the title changes.",
})
export class UpdateVendorDocumentInput {
  @Field(() => ID, { description: "The document." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: kind })
  kind?: string | null;

  @Field(() => String, { nullable: true, description: "Title (1 to 200 characters)." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "Number of the document (at most 100 characters). Null removes it." })
  number?: string | null;

  @Field(() => String, { nullable: true, description: "Day on which it was issued (`YYYY-MM-DD`). Null removes it." })
  issuedOn?: string | null;

  @Field(() => String, { nullable: true, description: validUntil })
  validUntil?: string | null;
}

@InputType({ description: "Input of `reviewVendorDocument`." })
export class ReviewVendorDocumentInput {
  @Field(() => ID, { description: "The document." })
  id!: string;

  @Field(() => VendorDocumentDecision, { description: "The decision." })
  decision!: VendorDocumentDecision;

  @Field(() => String, {
    nullable: true,
    description: "Why it is rejected (1 to 1000 characters). Required for REJECT, and only for it. Users of the vendor see it.",
  })
  reason?: string | null;

  @Field(() => String, { nullable: true, description: "Note (at most 2000 characters). Users of the vendor never see it." })
  note?: string | null;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of the mutations that add or change a document of a vendor." })
@Allow(inherit)
export class VendorDocumentPayload {
  @Field(() => VendorDocument, { description: "The document." })
  document!: VendorDocument;

  @Field(() => [InputWarning], {
    description:
      "What is probably unintended. `EXPIRED`: the last day of the document is over, so it does not count, even if it is accepted.",
  })
  warnings!: InputWarning[];
}

/** @param path of the argument by which the caller set the last day, or chose the document */
export function toDocumentPayload(row: ShownDocument, path: string): VendorDocumentPayload {
  const { title, validUntil, isExpired } = row;
  const expired = {
    path,
    message: `The document ${quote(title)} was valid until ${validUntil}, so it does not count. Ask the vendor for a valid one.`,
    code: "EXPIRED",
  };
  return { document: toDocument(row), warnings: isExpired && row.status !== "REJECTED" ? [expired] : [] };
}
