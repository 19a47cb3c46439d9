import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
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
