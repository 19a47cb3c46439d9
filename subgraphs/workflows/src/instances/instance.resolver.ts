import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadDefinition } from "../definitions/definition.loader.js";
import type { Definition } from "../definitions/definition.type.js";
import type { HistoryEntry } from "./history-entry.type.js";
import { CancelWorkflowInput, FireTransitionInput, StartWorkflowInput } from "./instance.input.js";
import { listInstances, WorkflowInstanceFilter, WorkflowInstanceOrder } from "./instance.list.js";
import { shownData } from "./shown-data.js";
import { loadAvailable, loadHistory, loadStateTitle, loadInstance } from "./instance.loader.js";
import { cancelWorkflow, fireTransition, readInstance, startWorkflow } from "./instance.service.js";
import { WorkflowInstance, WorkflowInstanceConnection, type AvailableTransition } from "./instance.type.js";
import { WorkflowInstancePayload } from "./instance-payload.type.js";

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceResolver {
  @Query(() => WorkflowInstance, { nullable: true, description: "One instance. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(can("workflow.read"))
  @VendorPortal()
  workflowInstance(
    @Arg("id", () => ID, { description: "ID of the instance (`wfi_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstance> {
    return readInstance(ctx, decodeId("instance", id));
  }

  @Query(() => WorkflowInstanceConnection, {
    nullable: true,
    description: "The instances that you can see, newest first by default.",
  })
  @Allow(can("workflow.read"))
  workflowInstances(
    @Arg("filter", () => WorkflowInstanceFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => WorkflowInstanceOrder.Input, { nullable: true, description: "Sort order." }) orderBy:
      | OrderByValue
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<WorkflowInstance>> {
    return listInstances(ctx, { filter, orderBy, page });
  }

  @Mutation(() => WorkflowInstancePayload, {
    description:
      "Starts the newest published version of a definition. Errors: BAD_USER_INPUT (unknown key, data that violates its schema, unknown subject), LIMIT_EXCEEDED.",
  })
  @Allow(can("workflow.start"))
  async startWorkflow(
    @Arg("input", () => StartWorkflowInput) input: StartWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstancePayload> {
    return { instance: await startWorkflow(ctx, input) };
  }

  @Mutation(() => WorkflowInstancePayload, {
    description:
      "Fires a transition of an instance. Closes the open tasks of the state. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED, BAD_USER_INPUT (comment, input).",
  })
  @Allow(can("workflow.fire"))
  @VendorPortal()
  async fireTransition(
    @Arg("input", () => FireTransitionInput) input: FireTransitionInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstancePayload> {
    return { instance: await fireTransition(ctx, input) };
  }

  @Mutation(() => WorkflowInstancePayload, {
    description: "Ends an instance regardless of its state. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (already finished).",
  })
  @Allow(can("workflow.cancel"))
  async cancelWorkflow(
    @Arg("input", () => CancelWorkflowInput) input: CancelWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstancePayload> {
    return { instance: await cancelWorkflow(ctx, input) };
  }

  @FieldResolver()
  data(@Root() { data, subjectType }: WorkflowInstance, @Ctx() { viewer }: Context): Record<string, unknown> {
    return shownData(data, { subjectType, vendorId: viewer.vendorId });
  }

  @FieldResolver()
  definition(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<Definition | null> {
    return loadDefinition(ctx, head.definitionId);
  }

  @FieldResolver()
  stateTitle(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<string> {
    return loadStateTitle(ctx, head);
  }

  @FieldResolver()
  history(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<HistoryEntry[]> {
    return loadHistory(ctx, head);
  }

  @FieldResolver()
  async availableTransitions(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<AvailableTransition[]> {
    const available = await loadAvailable(ctx, head);
    return available.map((one) => ({ ...one, reasons: one.reasons.map((reason) => reason.message) }));
  }
}

export const workflowInstanceModule: SubgraphModule = {
  resolvers: { workflows: [WorkflowInstanceResolver] },
  references: { WorkflowInstance: referencesEach(loadInstance) },
};
