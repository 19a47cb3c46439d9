import { Allow, can, type Context, inherit, VendorPortal } from "@weft/shared";
import { Arg, Ctx, FieldResolver, Mutation, Resolver } from "type-graphql";
import { NotificationPreferences } from "../preferences/preference.type.js";
import { vapidKeysOf } from "../web-push/vapid.js";
import {
  AddNotificationDestinationInput,
  AddNotificationDestinationPayload,
  RemoveNotificationDestinationInput,
  RemoveNotificationDestinationPayload,
} from "./destination.input.js";
import * as service from "./destination.service.js";
import { NotificationDestination, toDestination } from "./destination.type.js";

@Resolver(() => NotificationPreferences)
export class NotificationDestinationResolver {
  @FieldResolver(() => [NotificationDestination], { description: "Chats and browsers that you have added, oldest first (at most 20)." })
  @Allow(inherit)
  async destinations(@Ctx() ctx: Context): Promise<NotificationDestination[]> {
    return (await service.readDestinations(ctx)).map(toDestination);
  }

  @FieldResolver(() => String, {
    description: "Public key with which a browser subscribes: the `applicationServerKey` of `pushManager.subscribe`, base64url.",
  })
  @Allow(inherit)
  webPushPublicKey(@Ctx() ctx: Context): string {
    return vapidKeysOf(ctx.services.keys).publicKey;
  }

  @Mutation(() => AddNotificationDestinationPayload, {
    description:
      "Adds a chat or a browser to which your notifications are sent. One with the same address is replaced and activated. Errors: BAD_USER_INPUT, URL_FORBIDDEN.",
  })
  @Allow(can("notification.read"))
  @VendorPortal()
  async addNotificationDestination(
    @Arg("input", () => AddNotificationDestinationInput) input: AddNotificationDestinationInput,
    @Ctx() ctx: Context,
  ): Promise<AddNotificationDestinationPayload> {
    return { destination: toDestination(await service.addDestination(ctx, input)) };
  }

  @Mutation(() => RemoveNotificationDestinationPayload, {
    description:
      "Removes one of your destinations. Notifications that wait for it are not sent. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(can("notification.read"))
  @VendorPortal()
  async removeNotificationDestination(
    @Arg("input", () => RemoveNotificationDestinationInput) input: RemoveNotificationDestinationInput,
    @Ctx() ctx: Context,
  ): Promise<RemoveNotificationDestinationPayload> {
    await service.removeOwnDestination(ctx, input);
    return { destinationId: input.id };
  }
}
