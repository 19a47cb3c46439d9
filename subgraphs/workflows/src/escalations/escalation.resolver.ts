import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { EscalationFilter, EscalationOrder, listEscalations } from "./escalation.list.js";
import { loadEscalationsOfInstance } from "./escalation.loader.js";
import { Escalation, EscalationConnection } from "./escalation.type.js";

@Resolver(() => Escalation)
export class EscalationResolver {
  @Query(() => EscalationConnection, {
    nullable: true,
    description: "Levels of escalations that were due, and what they did, of the instances that you can see. Newest first by default.",
  })
  @Allow(can("sla.read"))
  escalations(
    @Arg("filter", () => EscalationFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => EscalationOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Escalation>> {
    return listEscalations(ctx, { filter, orderBy, page });
  }

  @FieldResolver(() => WorkflowInstance)
  instance(@Root() { instanceId }: Escalation, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, instanceId);
  }
}

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceEscalationResolver {
  @FieldResolver(() => [Escalation], { description: "Levels of escalations that were due, and what they did, newest first. At most 100." })
  escalations(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<Escalation[]> {
    return loadEscalationsOfInstance(ctx, head.id);
  }
}

export const escalationModule: SubgraphModule = { resolvers: { deadlines: [EscalationResolver, WorkflowInstanceEscalationResolver] } };
