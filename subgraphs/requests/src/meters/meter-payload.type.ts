import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { Meter, MeterReading } from "./meter.type.js";

export const MeterPayload = payloadOf(Meter, "meter");
export type MeterPayload = InstanceType<typeof MeterPayload>;

@ObjectType({ description: "Payload of a mutation that writes a meter reading." })
@Allow(inherit)
export class MeterReadingPayload {
  @Field(() => Meter, { description: "The meter." })
  meter!: Meter;

  @Field(() => MeterReading, { description: "The new reading." })
  reading!: MeterReading;
}
