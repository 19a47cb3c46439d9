import { canSendTexts } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { DeletePayload, IdInput } from "@weft/api/inputs";
import { allOf, Allow, can, inherit, inPerson, RequiresRecentLogin, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver } from "type-graphql";
import { NotificationPreferences } from "../preferences/preference.type.js";
import { vapidKeysOf } from "../web-push/vapid.js";
import { confirmDestination } from "./confirm.service.js";
import * as service from "./destination.service.js";
import {
  NotificationDestination,
  toDestination,
  NotificationDestinationPayload,
  AddNotificationDestinationInput,
  ConfirmNotificationDestinationInput,
} from "./destination.type.js";

@Resolver(() => NotificationPreferences)
export class NotificationDestinationResolver {
  @FieldResolver(() => [NotificationDestination], {
    description: "Chats, browsers and phone numbers that you have added, oldest first (at most 20).",
  })
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

  @FieldResolver(() => Boolean, { description: "Whether this installation can send text messages, so that you can add a phone number." })
  @Allow(inherit)
  isSmsAvailable(@Ctx() ctx: Context): boolean {
    return canSendTexts(ctx.services.config);
  }

  @Mutation(() => NotificationDestinationPayload, {
    description:
      "Adds a chat, a browser or a phone number to which your notifications are sent. One with the same address is replaced and activated. A phone number gets a code, with which you confirm it (`confirmNotificationDestination`); add it again to get another code. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, URL_FORBIDDEN, RATE_LIMITED (codes and text messages).",
  })
  @Allow(allOf(can("notification.read"), inPerson))
  @RequiresRecentLogin()
  @VendorPortal()
  async addNotificationDestination(
    @Arg("input", () => AddNotificationDestinationInput) input: AddNotificationDestinationInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationDestinationPayload> {
    return { destination: toDestination(await service.addDestination(ctx, input)) };
  }

  @Mutation(() => NotificationDestinationPayload, {
    description:
      "Activates one of your phone numbers with the code that was sent to it. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT (the ID; a code that is wrong or no longer valid).",
  })
  @Allow(allOf(can("notification.read"), inPerson))
  @VendorPortal()
  async confirmNotificationDestination(
    @Arg("input", () => ConfirmNotificationDestinationInput) input: ConfirmNotificationDestinationInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationDestinationPayload> {
    return { destination: toDestination(await confirmDestination(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Removes one of your destinations. Notifications that wait for it are not sent. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(allOf(can("notification.read"), inPerson))
  @VendorPortal()
  async removeNotificationDestination(
    @Arg("input", () => IdInput, { description: "ID of the destination (`nds_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.removeOwnDestination(ctx, input);
    return { id: input.id };
  }
}

export const notificationDestinationModule: SubgraphModule = { resolvers: { notifications: [NotificationDestinationResolver] } };
