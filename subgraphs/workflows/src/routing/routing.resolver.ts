import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { DeletePayload, KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { RoutingRuleFilter, RoutingRuleOrder, listRules } from "./routing-rule.list.js";
import { createRoutingRule, deleteRoutingRule, readRoutingRule, updateRoutingRule } from "./routing-rule.service.js";
import {
  CreateRoutingRuleInput,
  UpdateRoutingRuleInput,
  RoutingRule,
  RoutingRuleConnection,
  RoutingRulePayload,
} from "./routing-rule.type.js";
import { testRouting } from "./routing-test.service.js";
import { RoutingTest, TestRoutingInput } from "./routing-test.type.js";
import { loadRoutingRule } from "./routing-rule.loader.js";

@Resolver(() => RoutingRule)
export class RoutingResolver {
  @Query(() => RoutingRule, { nullable: true, description: "One rule. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("routing.read"))
  routingRule(@Arg("id", () => ID, { description: "ID of the rule (`rtr_…`)." }) id: string, @Ctx() ctx: Context): Promise<RoutingRule> {
    return readRoutingRule(ctx, decodeId("routingRule", id));
  }

  @Query(() => RoutingRuleConnection, {
    nullable: true,
    description: "Rules that find candidates for work, by position by default.",
  })
  @Allow(canInTenant("routing.read"))
  routingRules(
    @Arg("filter", () => RoutingRuleFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => RoutingRuleOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<RoutingRule>> {
    return listRules(ctx, { filter, orderBy, page });
  }

  @Query(() => RoutingTest, {
    nullable: true,
    description:
      "Tests which rule of a route would decide about sample work, and why the others would not. Nothing is written, and round robin does not advance. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("routing.read"))
  testRouting(@Arg("input", () => TestRoutingInput) input: TestRoutingInput, @Ctx() ctx: Context): Promise<RoutingTest> {
    return testRouting(ctx, input);
  }

  @Mutation(() => RoutingRulePayload, {
    description: "Adds a rule to a route. Errors: BAD_USER_INPUT (invalid condition, unknown users, teams or roles, nobody selected).",
  })
  @Allow(canInTenant("routing.update"))
  async createRoutingRule(
    @Arg("input", () => CreateRoutingRuleInput) input: CreateRoutingRuleInput,
    @Ctx() ctx: Context,
  ): Promise<RoutingRulePayload> {
    return { rule: await createRoutingRule(ctx, input) };
  }

  @Mutation(() => RoutingRulePayload, {
    description: "Updates a rule. Work that it already routed is not affected. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("routing.update"))
  async updateRoutingRule(
    @Arg("input", () => UpdateRoutingRuleInput) input: UpdateRoutingRuleInput,
    @Ctx() ctx: Context,
  ): Promise<RoutingRulePayload> {
    return { rule: await updateRoutingRule(ctx, input) };
  }

  @Mutation(() => DeletePayload, { description: "Deletes a rule. Errors: NOT_FOUND, CONFLICT." })
  @Allow(canInTenant("routing.update"))
  async deleteRoutingRule(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the rule (`rtr_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await deleteRoutingRule(ctx, input) };
  }
}

export const routingModule: SubgraphModule = {
  resolvers: { routing: [RoutingResolver] },
  references: { RoutingRule: referencesEach(loadRoutingRule) },
};
