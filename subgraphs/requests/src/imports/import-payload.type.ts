import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Import } from "./import.type.js";

@ObjectType({ description: "Payload of a mutation that returns an import." })
@Allow(inherit)
export class ImportPayload {
  @Field(() => Import, { description: "The import as it is after the call." })
  import!: Import;
}
