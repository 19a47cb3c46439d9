import type { SlaPolicyRow } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Directive, Field, Int, ObjectType } from "type-graphql";
import { User } from "../../principals/principal.type.js";
import type { PolicyVersionRow } from "./sla-policy.store.js";
import * as commonColumns from "../../common-columns.js";

@ObjectType({ description: "A version of an SLA policy." })
@Allow(inherit)
export class SlaPolicyVersion {
  @Field(() => Int, { description: "Version number." })
  version!: number;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Terms of the version: `name`, `position`, `definitionKey`, `sla`, `requestType`, `condition`, `target`, `warnings`, `calendar`. Null if it deleted the policy.",
  })
  terms!: unknown;

  @Field(() => String, { nullable: true, description: "Why the policy was changed. Null if the author gave no message." })
  message!: string | null;

  @Field(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  author!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the change." })
  createdAt!: string;
}

/** Which clocks a policy concerns. */
const scope = {
  position: column.int("Position. Policies with lower positions are tried first.", {
    created: "Position. Policies with lower positions are tried first. By default, a new policy is the last one.",
    optional: true,
  }),
  definitionKey: column.text("Key of the definition whose clocks the policy concerns. Null for all definitions.", {
    shown: "Key of the definition whose clocks it concerns. Null for all definitions.",
    nullable: true,
  }),
  sla: column.text("Name of the SLA in the definition, or `task:` with the name of a task. Null for all SLAs.", {
    created: "Name of the SLA in the definition, or `task:` with the name of a task. Null for all SLAs. Requires `definitionKey`.",
    nullable: true,
  }),
  requestType: column.text(
    "Key of the request type whose requests the policy concerns. Null for all types, and for work without a request.",
    {
      shown: "Key of the request type whose requests it concerns. Null for all types, and for work without a request.",
      nullable: true,
    },
  ),
  condition: column.text("Condition in CEL. Null if the policy applies to all work.", {
    created: "Condition in CEL over `data.…`, `instance.…`, and `request.type`. If null or empty, the policy applies to all work.",
    nullable: true,
  }),
};

const counting = {
  warnings: column.texts("Warnings, for example `80%`. Null for those of the definition.", {
    created:
      "At most 5 warnings: a share of the target (`80%`) or the time before it (`1 working hour`). Null for those of the definition.",
    nullable: true,
  }),
  calendar: column.text("Name of a calendar of the configuration. Null for that of the definition.", {
    created: "Name of a calendar of the configuration, or `always`. Null for that of the definition.",
    nullable: true,
  }),
};

/** What a version of a policy keeps. */
export const slaPolicyTermColumns = columns({
  name: column.text("Display name.", { created: "Display name, at most 200 characters." }),
  ...scope,
  target: column.text("Target, for example `4 working hours`.", {
    created: "Target: working time (`4 working hours`, `2 working days`) or calendar time (`PT4H`, `P2D`).",
    updated: "Target, for example `4 working hours`.",
  }),
  ...counting,
});

const slaPolicyColumns = columns({
  ...commonColumns.id("ID (`slp_…`).", "ID of the policy (`slp_…`)."),
  ...commonColumns.nodeKey,
  key: column.text("Key, unique among the policies that are not deleted.", {
    created: "Key: lower-case letters, digits and single hyphens, at most 64 characters.",
    updated: false,
  }),
  ...slaPolicyTermColumns.map,
  message: column.text("Why the policy is changed, at most 2,000 characters. Kept with the version.", {
    shown: false,
    created: "Why the policy is created, at most 2,000 characters. Kept with the version.",
    updated: "Why the policy is changed, at most 2,000 characters. Kept with the version.",
    nullable: true,
  }),
  ...standardColumns.expectedVersion,
  ...commonColumns.idempotencyKey,
  ...commonColumns.versionToExpect,
  ...column.shownOnly({
    versions: column.of(() => [SlaPolicyVersion], "The 100 newest versions, newest first.", { resolved: true }),
    createdBy: column.of(() => User, "Author. Null if you cannot see the user.", { nullable: true }),
    ...standardColumns.times,
    deletedAt: column.time("Time of the deletion. Null if it was not deleted.", { nullable: true }),
  }),
});

@ShowColumns(slaPolicyColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "Replaces the targets of SLAs without a new version of their definitions. Of the policies that apply to a clock, the one with the lowest position decides.",
})
@Allow(canInTenant("sla.read"))
export class SlaPolicy extends shapeOf(slaPolicyColumns) {}

const inputColumns = columns({ ...scope, ...counting, ...slaPolicyColumns.map });

export const CreateSlaPolicyInput = createInputOf("CreateSlaPolicyInput", inputColumns, "The policy to create.");
export type CreateSlaPolicyInput = InstanceType<typeof CreateSlaPolicyInput>;

export const UpdateSlaPolicyInput = updateInputOf(
  "UpdateSlaPolicyInput",
  inputColumns,
  "Changes to a policy. Omitted fields stay unchanged.",
);
export type UpdateSlaPolicyInput = InstanceType<typeof UpdateSlaPolicyInput>;

const deleteColumns = columns({
  id: slaPolicyColumns.map.id,
  message: column.text("Why the policy is deleted, at most 2,000 characters. Kept with the version.", { nullable: true }),
  ...standardColumns.expectedVersion,
  ...commonColumns.idempotencyKey,
});

export const DeleteSlaPolicyInput = updateInputOf("DeleteSlaPolicyInput", deleteColumns, "The policy to delete.");
export type DeleteSlaPolicyInput = InstanceType<typeof DeleteSlaPolicyInput>;

const previewColumns = columns({
  ...scope,
  ...counting,
  id: column.id("ID of the policy that would be changed or deleted (`slp_…`).", { optional: true }),
  isDeleted: column.flag("Whether the policy would be deleted (default false).", { optional: true }),
  target: column.text("Target, for example `4 working hours`. Required without `id`.", { optional: true }),
});

export const PreviewSlaPolicyInput = createInputOf(
  "PreviewSlaPolicyInput",
  previewColumns,
  "A policy that would be created (without `id`), changed (with `id`), or deleted (with `id` and `isDeleted`).",
);
export type PreviewSlaPolicyInput = InstanceType<typeof PreviewSlaPolicyInput>;

export const { Connection: SlaPolicyConnection } = connectionOf(SlaPolicy);

export function toSlaPolicy(row: SlaPolicyRow): SlaPolicy {
  const id = encodeId("slaPolicy", row.id);
  const condition = row.condition === "" ? null : row.condition;
  return { ...slaPolicyColumns.shown(row), id, nodeKey: id, condition, createdBy: User.of(row.createdBy) };
}

export const toPolicyVersion = ({ version, terms, message, authorId, createdAt }: PolicyVersionRow): SlaPolicyVersion => ({
  version,
  terms,
  message,
  author: User.of(authorId),
  createdAt,
});
