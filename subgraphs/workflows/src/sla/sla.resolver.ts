import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { Request } from "../subjects/subject.type.js";
import { loadTask } from "../tasks/task.loader.js";
import { Task } from "../tasks/task.type.js";
import { SlaClockInput } from "./sla-clock.input.js";
import { SlaClockFilter, SlaClockOrder, listSlaClocks } from "./sla-clock.list.js";
import { loadClockOfTask, loadClocksOfInstance, loadClocksOfRequest } from "./sla-clock.loader.js";
import { explainSla, setSlaPaused } from "./sla-clock.service.js";
import { SlaClock, SlaClockConnection, SlaExplanation } from "./sla-clock.type.js";
import { SlaClockPayload } from "./sla-clock-payload.type.js";

@Resolver(() => SlaClock)
export class SlaResolver {
  @Query(() => SlaClockConnection, {
    nullable: true,
    description: "SLA clocks that run or are paused, of the instances that you can see. Oldest first by default.",
  })
  @Allow(can("sla.read"))
  slaTimers(
    @Arg("filter", () => SlaClockFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => SlaClockOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<SlaClock>> {
    return listSlaClocks(ctx, "timers", { filter, orderBy, page });
  }

  @Query(() => SlaClockConnection, {
    nullable: true,
    description: "SLA clocks that have reached their target, including those that have stopped. Newest first by default.",
  })
  @Allow(can("sla.read"))
  slaBreaches(
    @Arg("filter", () => SlaClockFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => SlaClockOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<SlaClock>> {
    return listSlaClocks(ctx, "breaches", { filter, orderBy, page });
  }

  @Query(() => SlaExplanation, {
    nullable: true,
    description: "Explains an SLA clock by its intervals. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(can("sla.read"))
  slaExplain(@Arg("id", () => ID, { description: "ID of the clock (`slc_…`)." }) id: string, @Ctx() ctx: Context): Promise<SlaExplanation> {
    return explainSla(ctx, decodeId("slaClock", id));
  }

  @Mutation(() => SlaClockPayload, {
    description:
      "Pauses an SLA clock until `resumeSla`, whatever its definition says. The ledger shows who paused it and why. Errors: NOT_FOUND, TRANSITION_REJECTED (it has ended, or is paused by hand already), BAD_USER_INPUT (the reason).",
  })
  @Allow(can("sla.manage"))
  pauseSla(@Arg("input", () => SlaClockInput) input: SlaClockInput, @Ctx() ctx: Context): Promise<SlaClockPayload> {
    return setSlaPaused(ctx, input, true);
  }

  @Mutation(() => SlaClockPayload, {
    description:
      "Ends a pause by `pauseSla`. The clock then runs unless its definition pauses it. Errors: NOT_FOUND, TRANSITION_REJECTED (it has ended, or is not paused by hand), BAD_USER_INPUT (the reason).",
  })
  @Allow(can("sla.manage"))
  resumeSla(@Arg("input", () => SlaClockInput) input: SlaClockInput, @Ctx() ctx: Context): Promise<SlaClockPayload> {
    return setSlaPaused(ctx, input, false);
  }

  @FieldResolver(() => WorkflowInstance)
  instance(@Root() { instanceId }: SlaClock, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, instanceId);
  }

  @FieldResolver(() => Task)
  async task(@Root() { taskId }: SlaClock, @Ctx() ctx: Context): Promise<Task | null> {
    return taskId === null ? null : loadTask(ctx, taskId);
  }
}

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceSlaResolver {
  @FieldResolver(() => [SlaClock], { description: "SLA clocks of the instance, its states, and its tasks, oldest first." })
  slaStatus(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<SlaClock[]> {
    return loadClocksOfInstance(ctx, head.id);
  }
}

@Resolver(() => Task)
export class TaskSlaResolver {
  @FieldResolver(() => SlaClock, { nullable: true, description: "SLA clock of the task. Null if its definition has none." })
  slaStatus(@Root() { id }: Task, @Ctx() ctx: Context): Promise<SlaClock | null> {
    return loadClockOfTask(ctx, decodeId("task", id));
  }
}

@Resolver(() => Request)
export class RequestSlaResolver {
  @FieldResolver(() => [SlaClock], {
    nullable: true,
    description:
      "SLA clocks of the request's workflow, its states, and its tasks, oldest first. Empty if you cannot see the workflow. Null with an error if access is refused or the workflows service is unavailable.",
  })
  @Directive('@requires(fields: "id")')
  @Allow(can("workflow.read"))
  slaStatus(@Root() { nodeKey }: Request, @Ctx() ctx: Context): Promise<SlaClock[]> {
    return loadClocksOfRequest(ctx, decodeId("request", nodeKey));
  }
}

export const slaModule: SubgraphModule = {
  resolvers: { deadlines: [SlaResolver, WorkflowInstanceSlaResolver, TaskSlaResolver, RequestSlaResolver] },
};
