import { encodeId } from "@weft/shared/ids";
import { Allow, inherit } from "@weft/api/rules";
import { Directive, Field, ID, ObjectType } from "type-graphql";

@ObjectType()
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class VendorDocument {
  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  // Required by `attachments`, so that every query plan asks the document's owner, which alone knows whether the viewer can see the document.
  @Directive("@external")
  @Field(() => ID, { description: "ID (`vdo_…`)." })
  id!: string;
}

/** Returns references to documents of vendors by their UUIDs. The owner resolves all other fields. */
export const vendorDocumentStubs = (uuids: readonly string[]): VendorDocument[] =>
  uuids.map((uuid) => Object.assign(new VendorDocument(), { nodeKey: encodeId("vendorDocument", uuid) }));
