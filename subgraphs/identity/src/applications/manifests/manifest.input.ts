import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field, ID } from "type-graphql";
import { StoredDocumentFilter, StoredDocumentOrder } from "./manifest.list.js";

@ArgsType()
export class StoredDocumentsArgs extends ConnectionArgs {
  @Field(() => ID, { description: "The version of the operations, `opm_…`." })
  manifestId!: string;

  @Field(() => StoredDocumentFilter.Input, { nullable: true, description: "Filter for documents." })
  filter?: FilterValue | null;

  @Field(() => StoredDocumentOrder.Input, { nullable: true, description: "Sort order (default: by ID)." })
  orderBy?: OrderByValue | null;
}
