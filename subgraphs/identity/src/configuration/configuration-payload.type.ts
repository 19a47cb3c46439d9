import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { ConfigurationVersion } from "./configuration.type.js";

@ObjectType({ description: "Payload of a mutation that returns a version of a configuration." })
@Allow(inherit)
export class ConfigurationPayload {
  @Field(() => ConfigurationVersion, { description: "The version that the call has written." })
  configuration!: ConfigurationVersion;
}
