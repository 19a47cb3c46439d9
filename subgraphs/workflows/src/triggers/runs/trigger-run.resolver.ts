import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { KeyedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../../instances/instance.loader.js";
import { WorkflowInstance } from "../../instances/instance.type.js";
import { explainTriggers, testTrigger } from "../explain/explain.service.js";
import { TestTriggerArgs, TriggerExplanation, TriggerTest } from "../explain/explain.type.js";
import { loadTrigger } from "../trigger.loader.js";
import { Trigger } from "../trigger.type.js";
import { TriggerRunFilter, TriggerRunOrder, listRuns } from "./trigger-run.list.js";
import { retryTriggerRun } from "./trigger-run.service.js";
import { TriggerRun, TriggerRunConnection, TriggeredInstance, TriggerRunPayload } from "./trigger-run.type.js";

@Resolver(() => TriggerRun)
export class TriggerRunResolver {
  @Query(() => TriggerRunConnection, {
    nullable: true,
    description: "What triggers did with the events whose condition was met, newest first by default.",
  })
  @Allow(canInTenant("trigger.read"))
  triggerRuns(
    @Arg("filter", () => TriggerRunFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => TriggerRunOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<TriggerRun>> {
    return listRuns(ctx, { filter, orderBy, page });
  }

  @Query(() => [TriggerExplanation], {
    nullable: true,
    description: "Explains for each trigger of an event's type why it did or did not act. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("trigger.read"))
  explainTriggers(
    @Arg("eventId", () => ID, { description: "ID of the event (`evt_…`)." }) eventId: string,
    @Ctx() ctx: Context,
  ): Promise<TriggerExplanation[]> {
    return explainTriggers(ctx, decodeId("event", eventId, "eventId"));
  }

  @Query(() => TriggerTest, {
    nullable: true,
    description:
      "Tests what a trigger would do with an event or a sample payload, with your rights. Nothing is written. Errors: NOT_FOUND (the event), BAD_USER_INPUT.",
  })
  @Allow(canInTenant("trigger.manage"))
  testTrigger(@Args(() => TestTriggerArgs) args: TestTriggerArgs, @Ctx() ctx: Context): Promise<TriggerTest> {
    return testTrigger(ctx, args);
  }

  @Mutation(() => TriggerRunPayload, {
    description:
      "Repeats a failed or rejected run, as the trigger is now and with the current rights of its user. Errors: NOT_FOUND, CONFLICT (the run did not fail).",
  })
  @Allow(canInTenant("trigger.manage"))
  async retryTriggerRun(
    @Arg("input", () => KeyedIdInput, { description: "ID of the run (`trr_…`)." }) input: KeyedIdInput,
    @Ctx() ctx: Context,
  ): Promise<TriggerRunPayload> {
    return { run: await retryTriggerRun(ctx, input) };
  }

  @FieldResolver(() => Trigger, { nullable: true })
  trigger(@Root() { triggerId }: TriggerRun, @Ctx() ctx: Context): Promise<Trigger | null> {
    return loadTrigger(ctx, triggerId);
  }

  @FieldResolver(() => WorkflowInstance, { nullable: true })
  async instance(@Root() { instanceId }: TriggerRun, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return instanceId === null ? null : loadInstance(ctx, instanceId);
  }
}

@Resolver(() => TriggeredInstance)
export class TriggeredInstanceResolver {
  @FieldResolver(() => WorkflowInstance, { nullable: true })
  instance(@Root() { instanceId }: TriggeredInstance, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, instanceId);
  }
}

export const triggerRunModule: SubgraphModule = { resolvers: { automation: [TriggerRunResolver, TriggeredInstanceResolver] } };
