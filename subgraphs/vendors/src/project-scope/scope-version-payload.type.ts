import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { ScopeVersion } from "./scope-version.type.js";

@ObjectType({ description: "Payload of a mutation that returns a scope version." })
@Allow(inherit)
export class ScopeVersionPayload {
  @Field(() => ScopeVersion, { description: "The scope version as it is after the call." })
  scopeVersion!: ScopeVersion;
}
