import { quote } from "@weft/shared/errors";
import type { FilterValue } from "@weft/api/filters";
import { InputWarning } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { VendorDocumentDecision } from "./document.enums.js";
import { VendorDocumentFilter, VendorDocumentOrder } from "./document.filter.js";
import type { ShownDocument } from "./document.store.js";
import { toDocument, VendorDocument } from "./document.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@ArgsType()
export class VendorDocumentsArgs extends ConnectionArgs {
  @Field(() => VendorDocumentFilter.Input, { nullable: true, description: "Filter for documents." })
  filter?: FilterValue | null;

  @Field(() => VendorDocumentOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
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
