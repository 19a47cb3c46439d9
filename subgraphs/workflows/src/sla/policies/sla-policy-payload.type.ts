import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType, ID } from "type-graphql";
import { SlaRecomputation } from "../recomputations/recomputation.type.js";
import { SlaPolicy } from "./sla-policy.type.js";

@ObjectType({ description: "Payload of a mutation that writes an SLA policy." })
@Allow(inherit)
export class SlaPolicyPayload {
  @Field(() => SlaPolicy, { description: "The policy." })
  policy!: SlaPolicy;

  @Field(() => SlaRecomputation, { description: "The recomputation of open clocks." })
  recomputation!: SlaRecomputation;
}

@ObjectType({ description: "Payload of `deleteSlaPolicy`." })
@Allow(inherit)
export class DeleteSlaPolicyPayload {
  @Field(() => ID, { description: "ID of the deleted policy (`slp_…`)." })
  policyId!: string;

  @Field(() => SlaRecomputation, { description: "The recomputation of open clocks." })
  recomputation!: SlaRecomputation;
}
