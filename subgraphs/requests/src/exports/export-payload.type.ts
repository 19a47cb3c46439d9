import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { Export } from "./export.type.js";

@ObjectType({ description: "Payload of a mutation that returns an export." })
@Allow(inherit)
export class ExportPayload {
  @Field(() => Export, { description: "The export. Read it again until its status is no longer `RUNNING`." })
  export!: Export;
}
