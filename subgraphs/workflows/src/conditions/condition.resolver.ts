import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Args, Ctx, Query, Resolver } from "type-graphql";
import { testCondition } from "./condition.service.js";
import { ConditionTest, TestConditionArgs } from "./condition.type.js";

@Resolver()
export class ConditionResolver {
  @Query(() => ConditionTest, {
    nullable: true,
    description:
      "Tests a transition condition with sample data, and converts between CEL and its tree form. Nothing is written. Errors: NOT_FOUND, BAD_USER_INPUT (data), DEFINITION_INVALID, QUERY_LIMIT_EXCEEDED (computing time).",
  })
  @Allow(can("definition.read"))
  testCondition(@Args(() => TestConditionArgs) args: TestConditionArgs, @Ctx() ctx: Context): Promise<ConditionTest> {
    return testCondition(ctx, args);
  }
}

export const conditionModule: SubgraphModule = { resolvers: { definitions: [ConditionResolver] } };
