import type { Context } from "@weft/api/context";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../nodes/entity.type.js";
import { Webhook } from "../webhooks/webhook.type.js";
import { DiscardWaitingDeliveriesInput, PauseDeliveriesInput, ResumeDeliveriesInput } from "./queue.input.js";
import { loadWebhookQueue } from "./queue.loader.js";
import * as service from "./queue.service.js";
import { DeliveryQueue, toDeliveryQueue, WebhookQueue, DeliveryQueuePayload } from "./queue.type.js";
import { DeliveryCountPayload } from "../webhooks/deliveries/delivery-count-payload.type.js";

@Resolver(() => DeliveryQueue)
export class DeliveryQueueResolver {
  @Query(() => [DeliveryQueue], { nullable: true, description: "What waits in each channel, and what ended in the last hour." })
  @Allow(canInTenant("configuration.read"))
  async deliveryQueues(@Ctx() ctx: Context): Promise<DeliveryQueue[]> {
    return (await service.readQueues(ctx)).map(toDeliveryQueue);
  }

  @Mutation(() => DeliveryQueuePayload, {
    description:
      "Pauses a channel, for example during maintenance of a receiving system. What waits, and what is queued from now on, waits until `resumeDeliveries`. What is being sent is completed. Repeating the call changes nothing. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("configuration.update"))
  async pauseDeliveries(
    @Arg("input", () => PauseDeliveriesInput) input: PauseDeliveriesInput,
    @Ctx() ctx: Context,
  ): Promise<DeliveryQueuePayload> {
    return { queue: toDeliveryQueue(await service.pauseDeliveries(ctx, input)) };
  }

  @Mutation(() => DeliveryQueuePayload, {
    description: "Resumes a paused channel. What waited is sent. Repeating the call changes nothing.",
  })
  @Allow(canInTenant("configuration.update"))
  async resumeDeliveries(
    @Arg("input", () => ResumeDeliveriesInput) input: ResumeDeliveriesInput,
    @Ctx() ctx: Context,
  ): Promise<DeliveryQueuePayload> {
    return { queue: toDeliveryQueue(await service.resumeDeliveries(ctx, input)) };
  }

  @Mutation(() => DeliveryCountPayload, {
    description:
      "Discards what waits in a channel or for a webhook, oldest first, at most 10,000 items per call. Deliveries and notifications become `CANCELLED`, calls `FAILED`, with the reason. What is being sent is left alone. You cannot undo this. Errors: REAUTH_REQUIRED, NOT_FOUND (webhook), BAD_USER_INPUT, CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("configuration.update"))
  @RequiresRecentLogin()
  discardWaitingDeliveries(
    @Arg("input", () => DiscardWaitingDeliveriesInput) input: DiscardWaitingDeliveriesInput,
    @Ctx() ctx: Context,
  ): Promise<DeliveryCountPayload> {
    return service.discardWaitingDeliveries(ctx, input);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "User who paused the channel. Null if it is not paused, or you cannot see the user.",
  })
  @Allow(inherit)
  pausedBy(@Root() { pausedByUuid }: DeliveryQueue): EntityStub | null {
    return pausedByUuid === null ? null : userStub(pausedByUuid);
  }
}

@Resolver(() => Webhook)
export class WebhookQueueResolver {
  @FieldResolver(() => WebhookQueue, { description: "What waits for the webhook, and what ended in the last hour." })
  @Allow(inherit)
  queue(@Root() { uuid }: Webhook, @Ctx() ctx: Context): Promise<WebhookQueue> {
    return loadWebhookQueue(ctx, uuid);
  }
}

export const deliveryQueueModule: SubgraphModule = { resolvers: { events: [DeliveryQueueResolver, WebhookQueueResolver] } };
