import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { DeletePayload, KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { TriggerFilter, TriggerOrder, listTriggers } from "./trigger.list.js";
import { activateTrigger, createTrigger, deactivateTrigger, deleteTrigger, readTrigger, updateTrigger } from "./trigger.service.js";
import { CreateTriggerInput, UpdateTriggerInput, Trigger, TriggerConnection, TriggerPayload } from "./trigger.type.js";
import { loadTrigger } from "./trigger.loader.js";

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

  @Mutation(() => TriggerPayload, {
    description:
      "Creates a trigger. It acts with your rights on the events that occur from now on. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (event type, expressions, definition, correlation), FORBIDDEN (you cannot start instances or fire transitions).",
  })
  @Allow(allOf(canInTenant("trigger.manage"), inPerson))
  @RequiresRecentLogin()
  async createTrigger(@Arg("input", () => CreateTriggerInput) input: CreateTriggerInput, @Ctx() ctx: Context): Promise<TriggerPayload> {
    return { trigger: await createTrigger(ctx, input) };
  }

  @Mutation(() => TriggerPayload, {
    description:
      "Updates a trigger. From then on it acts with your rights. Its event type and action cannot be changed. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN.",
  })
  @Allow(allOf(canInTenant("trigger.manage"), inPerson))
  @RequiresRecentLogin()
  async updateTrigger(@Arg("input", () => UpdateTriggerInput) input: UpdateTriggerInput, @Ctx() ctx: Context): Promise<TriggerPayload> {
    return { trigger: await updateTrigger(ctx, input) };
  }

  @Mutation(() => TriggerPayload, {
    description: "Activates a trigger for the events that occur from now on. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("trigger.manage"))
  @RequiresRecentLogin()
  async activateTrigger(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the trigger (`trg_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<TriggerPayload> {
    return { trigger: await activateTrigger(ctx, input) };
  }

  @Mutation(() => TriggerPayload, {
    description: "Deactivates a trigger. Instances that it started continue. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("trigger.manage"))
  async deactivateTrigger(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the trigger (`trg_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<TriggerPayload> {
    return { trigger: await deactivateTrigger(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a trigger and its runs. Instances that it started continue. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("trigger.manage"))
  async deleteTrigger(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the trigger (`trg_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await deleteTrigger(ctx, input) };
  }
}

export const triggerModule: SubgraphModule = {
  resolvers: { automation: [TriggerResolver] },
  references: { Trigger: referencesEach(loadTrigger) },
};
