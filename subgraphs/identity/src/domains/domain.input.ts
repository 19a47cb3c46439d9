import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, ObjectType } from "type-graphql";
import { DomainFilter, DomainOrder } from "./domain.list.js";
import { Domain } from "./domain.type.js";

@ArgsType()
export class DomainsArgs extends ConnectionArgs {
  @Field(() => DomainFilter.Input, { nullable: true, description: "Filter for domains." })
  filter?: FilterValue | null;

  @Field(() => DomainOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}

@ObjectType({ description: "Payload of `verifyDomain`." })
@Allow(inherit)
export class VerifyDomainPayload {
  @Field(() => Domain, { description: "The domain." })
  domain!: Domain;

  @Field(() => String, { nullable: true, description: "Why it is not verified, and what to do. Null if it is." })
  problem!: string | null;
}
