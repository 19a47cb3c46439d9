import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { VendorDocumentRequirements } from "./requirement.type.js";

@ObjectType({ description: "Payload of a mutation that returns the requirements for documents of vendors." })
@Allow(inherit)
export class VendorDocumentRequirementsPayload {
  @Field(() => VendorDocumentRequirements, { description: "The requirements as they are after the call." })
  requirements!: VendorDocumentRequirements;
}
