import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { NotificationChannel } from "../preferences/preference.type.js";
import { NotificationKind } from "../notification.type.js";
import { NotificationTemplate } from "./template.type.js";

const subjectDescription = "Subject, in Liquid: 1 to 500 characters. It becomes one line.";
const bodyDescription = "Body, in MJML with Liquid: at most 100,000 bytes.";
const textDescription = "Text for programs that show no HTML, in Liquid. Null: it is made from the body.";
const localeDescription = "Language, as a BCP 47 tag such as `de` or `de-AT`.";
const expectedVersionDescription = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `createNotificationTemplate`." })
export class CreateNotificationTemplateInput {
  @Field(() => NotificationKind, { description: "Kind of the notifications." })
  kind!: NotificationKind;

  @Field(() => NotificationChannel, { description: "Channel of the messages: `EMAIL`." })
  channel!: NotificationChannel;

  @Field(() => String, { description: localeDescription })
  locale!: string;

  @Field(() => String, { description: subjectDescription })
  subject!: string;

  @Field(() => String, { description: bodyDescription })
  body!: string;

  @Field(() => String, { nullable: true, description: textDescription })
  text?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateNotificationTemplate`. Omitted fields keep the values of the newest version." })
export class UpdateNotificationTemplateInput {
  @Field(() => ID, { description: "The template (`ntt_…`)." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersionDescription })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: subjectDescription })
  subject?: string | null;

  @Field(() => String, { nullable: true, description: bodyDescription })
  body?: string | null;

  @Field(() => String, { nullable: true, description: textDescription })
  text?: string | null;
}

@InputType({ description: "Input of `publishNotificationTemplate`." })
export class PublishNotificationTemplateInput {
  @Field(() => ID, { description: "The template (`ntt_…`)." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersionDescription })
  expectedVersion?: number | null;

  @Field(() => Int, { nullable: true, description: "Number of the version. Default: the newest one." })
  number?: number | null;
}

@InputType({ description: "Input of `previewNotificationTemplate`." })
export class PreviewNotificationTemplateInput {
  @Field(() => NotificationKind, { description: "Kind of the notifications." })
  kind!: NotificationKind;

  @Field(() => String, { description: subjectDescription })
  subject!: string;

  @Field(() => String, { description: bodyDescription })
  body!: string;

  @Field(() => String, { nullable: true, description: textDescription })
  text?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "One of your own notifications (`ntf_…`) of that kind, whose values are shown. Default: examples.",
  })
  notificationId?: string | null;
}

@InputType({ description: "Input of `sendTestNotification`." })
export class SendTestNotificationInput {
  @Field(() => ID, { description: "The template (`ntt_…`)." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Number of the version. Default: the newest one, which need not be published." })
  number?: number | null;

  @Field(() => ID, {
    nullable: true,
    description: "One of your own notifications (`ntf_…`) of the template's kind, whose values are shown. Default: examples.",
  })
  notificationId?: string | null;
}

@ObjectType({ description: "Payload of `sendTestNotification`." })
@Allow(inherit)
export class SendTestNotificationPayload {
  @Field(() => NotificationTemplate, { description: "The template." })
  template!: NotificationTemplate;

  @Field(() => String, { description: "Subject of the email." })
  subject!: string;
}
