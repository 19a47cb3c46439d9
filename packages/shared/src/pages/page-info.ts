import { Directive, Field, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";

@Directive("@shareable")
@Allow(inherit)
@ObjectType({ description: "Where a page stands in its list." })
export class PageInfo {
  @Field(() => Boolean, { description: "There is more after this page." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "There is more before this page." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Give it as `before` for the page before this one." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "Give it as `after` for the next page." })
  endCursor!: string | null;
}
