import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Absence } from "./absence.type.js";

@ObjectType({ description: "Payload of a mutation that returns an absence." })
@Allow(inherit)
export class AbsencePayload {
  @Field(() => Absence, { description: "The absence as it is after the call." })
  absence!: Absence;
}
