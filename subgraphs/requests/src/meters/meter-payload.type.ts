import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Meter } from "./meter.type.js";
import { MeterReading } from "./meter.type.js";

@ObjectType({ description: "Payload of a mutation that returns a meter." })
@Allow(inherit)
export class MeterPayload {
  @Field(() => Meter, { description: "The meter as it is after the call." })
  meter!: Meter;
}

@ObjectType({ description: "Payload of a mutation that writes a meter reading." })
@Allow(inherit)
export class MeterReadingPayload {
  @Field(() => Meter, { description: "The meter." })
  meter!: Meter;

  @Field(() => MeterReading, { description: "The new reading." })
  reading!: MeterReading;
}
