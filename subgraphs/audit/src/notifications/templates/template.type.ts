import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "A version of a template. Versions never change." })
@Allow(inherit)
export class NotificationTemplateVersion {
  @Field(() => Int, { description: "Number of the version, from 1." })
  number!: number;

  @Field(() => String, { description: "Subject, in Liquid." })
  subject!: string;

  @Field(() => String, { description: "Body, in MJML with Liquid." })
  body!: string;

  @Field(() => String, { nullable: true, description: "Text, in Liquid. Null: it is made from the body." })
  text!: string | null;

  @Field(() => Boolean, { description: "Whether messages use this version." })
  isPublished!: boolean;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  /** UUID, for the field resolver. */
  createdByUuid!: string;
}

@ObjectType({ description: "An organization's own template of the messages about one kind of notification." })
@Allow(canInTenant("notification.manage"))
export class NotificationTemplate {
  @Field(() => ID, { description: "ID (`ntt_…`)." })
  id!: string;

  @Field(() => NotificationKind, { description: "Kind of the notifications." })
  kind!: NotificationKind;

  @Field(() => NotificationChannel, { description: "Channel of the messages." })
  channel!: NotificationChannel;

  @Field(() => String, { description: "Language, as a BCP 47 tag such as `de` or `de-AT`." })
  locale!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "Number of the version that messages use. Null: none is published, so messages use the next locale or the built-in template.",
  })
  publishedNumber!: number | null;

  @Field(() => Int, { description: "Number of the newest version." })
  latestNumber!: number;

  @Field(() => Int, { description: "Version number of the object, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  readonly row!: TemplateRow;
}

export const { Connection: NotificationTemplateConnection } = connectionOf(NotificationTemplate, "NotificationTemplate");

@ObjectType({ description: "A variable that templates of a kind can show." })
@Allow(canInTenant("notification.manage"))
export class NotificationTemplateVariable {
  @Field(() => String, { description: "Path, as templates write it: `{{ recipient.name }}`." })
  path!: string;

  @Field(() => VariableType, { description: "Type." })
  type!: VariableType;

  @Field(() => String, { description: "What it contains." })
  description!: string;
}

@ObjectType({ description: "A problem of a template." })
@Allow(inherit)
export class NotificationTemplateProblem {
  @Field(() => TemplatePart, { description: "Part of the template." })
  part!: string;

  @Field(() => String, { description: "What is wrong." })
  message!: string;

  @Field(() => Int, { nullable: true, description: "Line in the part, from 1. Null if it cannot be told." })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: "Column in the line, from 1. Null if it cannot be told." })
  column!: number | null;
}

@ObjectType({ description: "A template with values, or its problems." })
@Allow(canInTenant("notification.manage"))
export class NotificationTemplatePreview {
  @Field(() => String, { nullable: true, description: "Subject. Null if there are problems." })
  subject!: string | null;

  @Field(() => String, { nullable: true, description: "Text. Null if there are problems." })
  text!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "HTML. Null if there are problems. Show it in a frame with the attribute `sandbox`.",
  })
  html!: string | null;

  @Field(() => [NotificationTemplateProblem], { description: "Everything that is wrong with the template. Empty if nothing is." })
  problems!: NotificationTemplateProblem[];
}

/** Converts a row to its API type. */
export const toTemplate = (row: TemplateRow): NotificationTemplate =>
  Object.assign(new NotificationTemplate(), {
    id: encodeId("notificationTemplate", row.id),
    kind: row.kind as NotificationKind,
    channel: row.channel as NotificationChannel,
    locale: row.locale,
    publishedNumber: row.publishedNumber,
    latestNumber: row.latestNumber,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    row,
  });

export const toTemplateVersion = (row: TemplateVersionRow, publishedNumber: number | null): NotificationTemplateVersion =>
  Object.assign(new NotificationTemplateVersion(), {
    number: row.number,
    subject: row.subject,
    body: row.body,
    text: row.text,
    isPublished: row.number === publishedNumber,
    createdAt: row.createdAt,
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
