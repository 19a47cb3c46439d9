import {
  Allow,
  inPerson,
  allOf,
  ConnectionArgs,
  canInTenant,
  decodeId,
  type Context,
  type FilterValue,
  type OrderByValue,
  type Page,
} from "@weft/shared";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import {
  ActivateTriggerInput,
  ActivateTriggerPayload,
  CreateTriggerInput,
  CreateTriggerPayload,
  DeactivateTriggerInput,
  DeactivateTriggerPayload,
  DeleteTriggerInput,
  DeleteTriggerPayload,
  UpdateTriggerInput,
  UpdateTriggerPayload,
} from "./trigger.input.js";
import { TriggerFilter, TriggerOrder, listTriggers } from "./trigger.list.js";
import { activateTrigger, createTrigger, deactivateTrigger, deleteTrigger, readTrigger, updateTrigger } from "./trigger.service.js";
import { Trigger, TriggerConnection } from "./trigger.type.js";

@Resolver(() => Trigger)
export class TriggerResolver {
  @Query(() => Trigger, { nullable: true, description: "One trigger. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("trigger.read"))
  trigger(@Arg("id", () => ID, { description: "ID of the trigger (`trg_…`)." }) id: string, @Ctx() ctx: Context): Promise<Trigger> {
    return readTrigger(ctx, decodeId("trigger", id));
  }

  @Query(() => TriggerConnection, { nullable: true, description: "Triggers that react to events, newest first by default." })
  @Allow(canInTenant("trigger.read"))
  triggers(
    @Arg("filter", () => TriggerFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => TriggerOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Trigger>> {
    return listTriggers(ctx, { filter, orderBy, page });
  }

  @Mutation(() => CreateTriggerPayload, {
    description:
      "Creates a trigger. It acts with your rights on the events that occur from now on. Errors: BAD_USER_INPUT (event type, expressions, definition, correlation), FORBIDDEN (you cannot start instances or fire transitions).",
  })
  @Allow(allOf(canInTenant("trigger.manage"), inPerson))
  async createTrigger(
    @Arg("input", () => CreateTriggerInput) input: CreateTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<CreateTriggerPayload> {
    return { trigger: await createTrigger(ctx, input) };
  }

  @Mutation(() => UpdateTriggerPayload, {
    description:
      "Updates a trigger. From then on it acts with your rights. Its event type and action cannot be changed. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN.",
  })
  @Allow(allOf(canInTenant("trigger.manage"), inPerson))
  async updateTrigger(
    @Arg("input", () => UpdateTriggerInput) input: UpdateTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateTriggerPayload> {
    return { trigger: await updateTrigger(ctx, input) };
  }

  @Mutation(() => ActivateTriggerPayload, {
    description: "Activates a trigger for the events that occur from now on. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("trigger.manage"))
  async activateTrigger(
    @Arg("input", () => ActivateTriggerInput) input: ActivateTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<ActivateTriggerPayload> {
    return { trigger: await activateTrigger(ctx, input) };
  }

  @Mutation(() => DeactivateTriggerPayload, {
    description: "Deactivates a trigger. Instances that it started continue. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("trigger.manage"))
  async deactivateTrigger(
    @Arg("input", () => DeactivateTriggerInput) input: DeactivateTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<DeactivateTriggerPayload> {
    return { trigger: await deactivateTrigger(ctx, input) };
  }

  @Mutation(() => DeleteTriggerPayload, {
    description: "Deletes a trigger and its runs. Instances that it started continue. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("trigger.manage"))
  async deleteTrigger(
    @Arg("input", () => DeleteTriggerInput) input: DeleteTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<DeleteTriggerPayload> {
    return { triggerId: await deleteTrigger(ctx, input) };
  }
}
