import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { NotificationChannel } from "../preferences/preference.type.js";
import { NotificationKind } from "../notification.type.js";
import type { TemplateProblem } from "./language/compile.js";
import { type Variable, VariableType } from "./language/variables.js";
import type { TemplateRow, TemplateVersionRow } from "./template.store.js";

export const TemplatePart = { SUBJECT: "SUBJECT", BODY: "BODY", TEXT: "TEXT" } as const;

registerEnumType(TemplatePart, {
  name: "NotificationTemplatePart",
  description: "A part of a template.",
  valuesConfig: {
    SUBJECT: { description: "The subject." },
    BODY: { description: "The body, in MJML." },
    TEXT: { description: "The text for programs that show no HTML." },
  },
});

registerEnumType(VariableType, {
  name: "NotificationTemplateVariableType",
  description: "Type of a variable of templates.",
  valuesConfig: {
    TEXT: { description: "A text. It is escaped wherever a template shows it." },
    TIME: { description: "A time (ISO 8601, UTC). Format it with the filter `date`." },
    URL: { description: "An address that Weft made. Only such variables can be the whole address of a link." },
  },
});

const notificationTemplateVersionColumns = columns({
  number: column.int("Number of the version, from 1."),
  subject: column.text("Subject, in Liquid."),
  body: column.text("Body, in MJML with Liquid."),
  text: column.text("Text, in Liquid. Null: it is made from the body.", { nullable: true }),
  isPublished: column.flag("Whether messages use this version."),
  createdAt: column.time("Creation time."),
});

@ShowColumns(notificationTemplateVersionColumns)
@ObjectType({ description: "A version of a template. Versions never change." })
@Allow(inherit)
export class NotificationTemplateVersion extends shapeOf(notificationTemplateVersionColumns) {
  /** UUID, for the field resolver. */
  createdByUuid!: string;
}

const notificationTemplateColumns = columns({
  id: column.id("ID (`ntt_…`).", { created: false, updated: "The template (`ntt_…`).", requiredInUpdate: true, isKey: true }),
  ...standardColumns.expectedVersion,
  kind: column.of(() => NotificationKind, "Kind of the notifications.", { updated: false }),
  channel: column.of(() => NotificationChannel, "Channel of the messages.", {
    created: "Channel of the messages: `EMAIL`.",
    updated: false,
  }),
  locale: column.text("Language, as a BCP 47 tag such as `de` or `de-AT`.", { updated: false }),
  subject: column.text("Subject, in Liquid: 1 to 500 characters. It becomes one line.", { shown: false }),
  body: column.text("Body, in MJML with Liquid: at most 100,000 bytes.", { shown: false }),
  text: column.text("Text for programs that show no HTML, in Liquid. Null: it is made from the body.", { shown: false, nullable: true }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    publishedNumber: column.int(
      "Number of the version that messages use. Null: none is published, so messages use the next locale or the built-in template.",
      { nullable: true },
    ),
    latestNumber: column.int("Number of the newest version."),
    version: column.int("Version number of the object, incremented on every change."),
  }),
  ...standardColumns.times,
});

@ShowColumns(notificationTemplateColumns)
@ObjectType({ description: "An organization's own template of the messages about one kind of notification." })
@Allow(canInTenant("notification.manage"))
export class NotificationTemplate extends shapeOf(notificationTemplateColumns) {
  readonly row!: TemplateRow;
}

export const CreateNotificationTemplateInput = createInputOf("CreateNotificationTemplateInput", notificationTemplateColumns);
export type CreateNotificationTemplateInput = InstanceType<typeof CreateNotificationTemplateInput>;

export const UpdateNotificationTemplateInput = updateInputOf(
  "UpdateNotificationTemplateInput",
  notificationTemplateColumns,
  "Input of `updateNotificationTemplate`. Omitted fields keep the values of the newest version.",
);
export type UpdateNotificationTemplateInput = InstanceType<typeof UpdateNotificationTemplateInput>;

const { id, expectedVersion, kind, subject, body, text } = notificationTemplateColumns.map;
export const PreviewNotificationTemplateInput = createInputOf(
  "PreviewNotificationTemplateInput",
  columns({
    kind,
    subject,
    body,
    text,
    notificationId: column.id("One of your own notifications (`ntf_…`) of that kind, whose values are shown. Default: examples.", {
      nullable: true,
    }),
  }),
);
export type PreviewNotificationTemplateInput = InstanceType<typeof PreviewNotificationTemplateInput>;

export const PublishNotificationTemplateInput = updateInputOf(
  "PublishNotificationTemplateInput",
  columns({ id, expectedVersion, number: column.int("Number of the version. Default: the newest one.") }),
  "Input of `publishNotificationTemplate`.",
);
export type PublishNotificationTemplateInput = InstanceType<typeof PublishNotificationTemplateInput>;

export const SendTestNotificationInput = updateInputOf(
  "SendTestNotificationInput",
  columns({
    id,
    number: column.int("Number of the version. Default: the newest one, which need not be published."),
    notificationId: column.id("One of your own notifications (`ntf_…`) of the template's kind, whose values are shown. Default: examples."),
  }),
  "Input of `sendTestNotification`.",
);
export type SendTestNotificationInput = InstanceType<typeof SendTestNotificationInput>;

export const { Connection: NotificationTemplateConnection } = connectionOf(NotificationTemplate, "NotificationTemplate");

const templateVariableColumns = columns({
  path: column.text("Path, as templates write it: `{{ recipient.name }}`."),
  type: column.of(() => VariableType, "Type."),
  description: column.text("What it contains."),
});

@ShowColumns(templateVariableColumns)
@ObjectType({ description: "A variable that templates of a kind can show." })
@Allow(canInTenant("notification.manage"))
export class NotificationTemplateVariable extends shapeOf(templateVariableColumns) {}

const notificationTemplateProblemColumns = columns({
  part: column.of(() => TemplatePart, "Part of the template."),
  message: column.text("What is wrong."),
  line: column.int("Line in the part, from 1. Null if it cannot be told.", { nullable: true }),
  column: column.int("Column in the line, from 1. Null if it cannot be told.", { nullable: true }),
});

@ShowColumns(notificationTemplateProblemColumns)
@ObjectType({ description: "A problem of a template." })
@Allow(inherit)
export class NotificationTemplateProblem extends shapeOf(notificationTemplateProblemColumns) {}

const notificationTemplatePreviewColumns = columns({
  subject: column.text("Subject. Null if there are problems.", { nullable: true }),
  text: column.text("Text. Null if there are problems.", { nullable: true }),
  html: column.text("HTML. Null if there are problems. Show it in a frame with the attribute `sandbox`.", { nullable: true }),
  problems: column.of(() => [NotificationTemplateProblem], "Everything that is wrong with the template. Empty if nothing is."),
});

@ShowColumns(notificationTemplatePreviewColumns)
@ObjectType({ description: "A template with values, or its problems." })
@Allow(canInTenant("notification.manage"))
export class NotificationTemplatePreview extends shapeOf(notificationTemplatePreviewColumns) {}

/** Converts a row to its API type. */
export const toTemplate = (row: TemplateRow): NotificationTemplate =>
  Object.assign(new NotificationTemplate(), notificationTemplateColumns.shown(row), {
    id: encodeId("notificationTemplate", row.id),
    kind: row.kind as NotificationKind,
    channel: row.channel as NotificationChannel,
    row,
  });

export const toTemplateVersion = (row: TemplateVersionRow, publishedNumber: number | null): NotificationTemplateVersion =>
  Object.assign(new NotificationTemplateVersion(), notificationTemplateVersionColumns.shown(row), {
    isPublished: row.number === publishedNumber,
    createdByUuid: row.createdBy,
  });

export const toTemplateVariable = ([path, { type, description }]: [string, Variable]): NotificationTemplateVariable =>
  Object.assign(new NotificationTemplateVariable(), { path, type, description });

export const toTemplateProblem = ({ part, message, place }: TemplateProblem): NotificationTemplateProblem =>
  Object.assign(new NotificationTemplateProblem(), {
    part: part.toUpperCase(),
    message,
    line: place?.line ?? null,
    column: place?.column ?? null,
  });

export const NotificationTemplatePayload = payloadOf(NotificationTemplate, "template");
export type NotificationTemplatePayload = InstanceType<typeof NotificationTemplatePayload>;

@ObjectType({ description: "Payload of `sendTestNotification`." })
@Allow(inherit)
export class SendTestNotificationPayload {
  @Field(() => NotificationTemplate, { description: "The template." })
  template!: NotificationTemplate;

  @Field(() => String, { description: "Subject of the email." })
  subject!: string;
}
