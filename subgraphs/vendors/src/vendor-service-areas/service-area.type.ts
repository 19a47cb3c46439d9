import { Allow, inherit } from "@weft/api/rules";
import type { EntityStub } from "@weft/api/subgraph";
import { Field, ObjectType } from "type-graphql";
import { Building } from "../references.js";

@ObjectType({ description: "Where a vendor works." })
@Allow(inherit)
export class VendorServiceAreas {
  @Field(() => [String], {
    description: "Names of regions, for example `Greater London`. A region also covers the buildings whose `region` it is.",
  })
  regions!: string[];

  @Field(() => [Building], {
    nullable: "items",
    description: "Single buildings, as far as you can see them. Null while their subgraph is unavailable.",
  })
  buildings!: EntityStub[];
}
