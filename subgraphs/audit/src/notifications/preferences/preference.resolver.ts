import type { Context } from "@weft/api/context";
import { TokenInput } from "@weft/api/inputs";
import { allOf, Allow, anyone, can, inPerson, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { UnsubscribeFromNotificationsPayload } from "./preference.input.js";
import * as service from "./preference.service.js";
import { NotificationPreferences, UpdateNotificationPreferencesInput } from "./preference.type.js";
import { NotificationPreferencesPayload } from "./preference-payload.type.js";

@Resolver(() => NotificationPreferences)
export class NotificationPreferencesResolver {
  @Query(() => NotificationPreferences, {
    nullable: true,
    description: "Your notification preferences: what applies to each kind and channel, and why.",
  })
  @Allow(can("notification.read"))
  @VendorPortal()
  notificationPreferences(@Ctx() ctx: Context): Promise<NotificationPreferences> {
    return service.readPreferences(ctx);
  }

  @Mutation(() => NotificationPreferencesPayload, {
    description:
      "Changes your notification preferences. Notifications that are already queued follow the new preferences, except for their digest. Errors: BAD_USER_INPUT (a kind that is mandatory, times).",
  })
  @Allow(allOf(can("notification.read"), inPerson))
  @VendorPortal()
  async updateNotificationPreferences(
    @Arg("input", () => UpdateNotificationPreferencesInput) input: UpdateNotificationPreferencesInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationPreferencesPayload> {
    return { notificationPreferences: await service.updatePreferences(ctx, input) };
  }

  @Mutation(() => UnsubscribeFromNotificationsPayload, {
    description:
      "Stops the emails of the kinds that an email contained, without a login. Mandatory kinds stay. Repeating the call changes nothing. Errors: UNAUTHENTICATED (invalid link, the same answer for every reason).",
  })
  @Allow(anyone)
  @VendorPortal()
  unsubscribeFromNotifications(
    @Arg("input", () => TokenInput, { description: "Token from the link in the email." }) input: TokenInput,
    @Ctx() ctx: Context,
  ): Promise<UnsubscribeFromNotificationsPayload> {
    return service.unsubscribe(ctx, input);
  }
}

export const notificationPreferencesModule: SubgraphModule = { resolvers: { notifications: [NotificationPreferencesResolver] } };
