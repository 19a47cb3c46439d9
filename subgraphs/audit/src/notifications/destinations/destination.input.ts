import { Field, ID, InputType } from "type-graphql";
import { ChatFormat } from "./destination.type.js";

@InputType({ description: "Incoming webhook of a chat." })
export class ChatDestinationInput {
  @Field(() => ChatFormat, { description: "Form of the messages." })
  format!: ChatFormat;

  @Field(() => String, { description: "URL of the incoming webhook. It is stored encrypted and never shown." })
  url!: string;
}

@InputType({ description: "Subscription of a browser, as `PushSubscription.toJSON()` returns it." })
export class WebPushDestinationInput {
  @Field(() => String, { description: "URL of the push service (`endpoint`). It is stored encrypted and never shown." })
  endpoint!: string;

  @Field(() => String, { description: "Public key of the browser (`keys.p256dh`), base64url." })
  p256dh!: string;

  @Field(() => String, { description: "Secret of the browser (`keys.auth`), base64url." })
  auth!: string;
}

@InputType({ description: "Phone number that gets text messages (SMS)." })
export class SmsDestinationInput {
  @Field(() => String, {
    description: "Phone number in E.164 format, for example `+41791234567`. It is stored encrypted. Only its last two digits are shown.",
  })
  phoneNumber!: string;
}

@InputType({ description: "Input for adding a destination of your notifications: a chat, a browser, or a phone number." })
export class AddNotificationDestinationInput {
  @Field(() => String, { description: "Name by which you recognize it (at most 100 characters)." })
  name!: string;

  @Field(() => ChatDestinationInput, { nullable: true, description: "A chat." })
  chat?: ChatDestinationInput | null;

  @Field(() => WebPushDestinationInput, { nullable: true, description: "A browser." })
  webPush?: WebPushDestinationInput | null;

  @Field(() => SmsDestinationInput, { nullable: true, description: "A phone number. A code is sent to it, with which you confirm it." })
  sms?: SmsDestinationInput | null;
}

@InputType({ description: "Input for confirming a phone number." })
export class ConfirmNotificationDestinationInput {
  @Field(() => ID, { description: "ID of the destination (`nds_…`)." })
  id!: string;

  @Field(() => String, { description: "Code of six digits that was sent to the phone number." })
  code!: string;
}
