import { column, columns, createInputOf, standardColumns, updateInputOf } from "@weft/api/columns";
import { Field, ID, InputType, Int } from "type-graphql";
import { DefinitionFormat } from "./definition.type.js";
import { Environment } from "./life-cycle/environment.type.js";
import * as commonColumns from "../common-columns.js";

const againText = "Idempotency key. Repeating the call with the same key returns the first result.";
const versionText = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const formatText = "Detected if omitted: source that begins with `{` is JSON.";
const messageText = "Reason for this version, shown in the list of versions. At most 2,000 characters.";

const draftColumns = columns({
  ...commonColumns.id("ID (`wfd_…`).", "ID of the version (`wfd_…`)."),
  source: column.text("The definition as YAML or JSON text, at most 1 MB, in Weft's own format or in the short form of automations.", {
    updated: "The complete new source, with the same key. Drafts only.",
  }),
  format: column.of(() => DefinitionFormat, formatText, { updated: `Format of the source. ${formatText}`, optional: true }),
  message: column.text(messageText, { updated: `${messageText} Drafts only.`, optional: true }),
  tags: column.texts(
    "Tags for finding the definition: at most 20, each at most 40 characters. They are converted to lower case, and duplicates are removed.",
    { optional: true },
  ),
  ...standardColumns.expectedVersion,
  ...commonColumns.idempotencyKey,
});

export const CreateDefinitionInput = createInputOf("CreateDefinitionInput", draftColumns, "The definition to create.");
export type CreateDefinitionInput = InstanceType<typeof CreateDefinitionInput>;

export const UpdateDefinitionInput = updateInputOf(
  "UpdateDefinitionInput",
  draftColumns,
  "Changes to a draft. Omitted fields stay unchanged. Only the tags of a published version can be changed.",
);
export type UpdateDefinitionInput = InstanceType<typeof UpdateDefinitionInput>;

@InputType({ description: "The version to copy." })
export class CloneDefinitionInput {
  @Field(() => ID, { description: "ID of the version (`wfd_…`), which can have any status." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: "An unused key: the copy becomes its first version. If omitted, the copy becomes the next draft of the same key.",
  })
  key?: string | null;

  @Field(() => String, { nullable: true, description: "Name of the copy. If omitted, the name is unchanged." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: messageText })
  message?: string | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "The draft to publish." })
export class PublishDefinitionInput {
  @Field(() => ID, { description: "ID of the draft (`wfd_…`)." })
  id!: string;

  @Field(() => Environment, {
    nullable: true,
    description:
      "Environment to publish to. The default, PROD, puts the version into use immediately. From DEV or STAGING, `promoteDefinition` promotes it further. If the setting `security.publishToDevOnly` is on, the default is DEV, and other values are refused.",
  })
  environment?: Environment | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether to publish despite warnings: nobody in the tenant can fire a transition or do a task, or child instances that it names cannot be started.",
  })
  acceptWarnings?: boolean | null;

  @Field(() => Int, { nullable: true, description: versionText })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "The published version to promote, and the target environment." })
export class PromoteDefinitionInput {
  @Field(() => ID, { description: "ID of the version (`wfd_…`)." })
  id!: string;

  @Field(() => Environment, { description: "Target environment: STAGING after DEV, PROD after STAGING." })
  to!: Environment;

  @Field(() => Int, { nullable: true, description: versionText })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}
