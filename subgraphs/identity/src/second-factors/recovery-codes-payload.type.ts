import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { SecondFactors } from "./second-factor.type.js";

@ObjectType({ description: "Payload of a mutation that issues recovery codes." })
@Allow(inherit)
export class RecoveryCodesPayload {
  @Field(() => [String], { description: "Ten recovery codes. They are shown only once; keep them in a safe place." })
  recoveryCodes!: string[];

  @Field(() => SecondFactors, { description: "Your second factors." })
  secondFactors!: SecondFactors;
}
