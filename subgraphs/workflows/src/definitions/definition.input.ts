import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Definition, DefinitionFormat } from "./definition.type.js";
import { Environment } from "./environment.type.js";

const againText = "The same key again answers with the first call's result.";
const versionText = "The version that you have read; another one is a CONFLICT.";
const formatText = "Guessed when absent: a text that begins with `{` is JSON.";
const messageText = "Why this version, for those who read the list of versions. At most 2,000 characters.";
const tagsText = "By which people find it: at most 20, of at most 40 characters; kept in lower case, each once.";

@InputType({ description: "A definition to save." })
export class CreateDefinitionInput {
  @Field(() => String, { description: "The definition as YAML or JSON text, at most 1 MB." })
  source!: string;

  @Field(() => DefinitionFormat, { nullable: true, description: formatText })
  format?: DefinitionFormat | null;

  @Field(() => String, { nullable: true, description: messageText })
  message?: string | null;

  @Field(() => [String], { nullable: true, description: tagsText })
  tags?: string[] | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "What to change of a draft. What is left out stays; of a published version only the tags change." })
export class UpdateDefinitionInput {
  @Field(() => ID, { description: "The version's id, `wfd_…`." })
  id!: string;

  @Field(() => String, { nullable: true, description: "The whole new text, with the same key. Drafts only." })
  source?: string | null;

  @Field(() => DefinitionFormat, { nullable: true, description: `Of the source. ${formatText}` })
  format?: DefinitionFormat | null;

  @Field(() => String, { nullable: true, description: `${messageText} Drafts only.` })
  message?: string | null;

  @Field(() => [String], { nullable: true, description: tagsText })
  tags?: string[] | null;

  @Field(() => Int, { nullable: true, description: versionText })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which draft to throw away." })
export class DeleteDefinitionInput {
  @Field(() => ID, { description: "The draft's id, `wfd_…`." })
  id!: string;

  @Field(() => Int, { nullable: true, description: versionText })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which version to copy." })
export class CloneDefinitionInput {
  @Field(() => ID, { description: "The version's id, `wfd_…`; of any status." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: "A key that nothing has yet: the copy is its first version. Left out, the copy is the next draft of the same key.",
  })
  key?: string | null;

  @Field(() => String, { nullable: true, description: "The copy's name; left out, it stays." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: messageText })
  message?: string | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which draft to freeze." })
export class PublishDefinitionInput {
  @Field(() => ID, { description: "The draft's id, `wfd_…`." })
  id!: string;

  @Field(() => Environment, {
    nullable: true,
    description:
      "As far as this one: PROD, where it is left out, takes it into use at once. From DEV or STAGING `promoteDefinition` takes it further.",
  })
  environment?: Environment | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Publish although there are warnings: nobody in the tenant could fire a transition, do a task, or start the children that it names.",
  })
  acceptWarnings?: boolean | null;

  @Field(() => Int, { nullable: true, description: versionText })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which published version goes where." })
export class PromoteDefinitionInput {
  @Field(() => ID, { description: "The version's id, `wfd_…`." })
  id!: string;

  @Field(() => Environment, { description: "STAGING after DEV, PROD after STAGING." })
  to!: Environment;

  @Field(() => Int, { nullable: true, description: versionText })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which published version is on its way out." })
export class DeprecateDefinitionInput {
  @Field(() => ID, { description: "The version's id, `wfd_…`." })
  id!: string;

  @Field(() => Int, { nullable: true, description: versionText })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: againText })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which version to take out of use." })
export class RetireDefinitionInput extends DeprecateDefinitionInput {}

@ObjectType({ description: "The new draft." })
@Allow(inherit)
export class CreateDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}

@ObjectType({ description: "The changed version." })
@Allow(inherit)
export class UpdateDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}

@ObjectType({ description: "What `deleteDefinition` answers." })
@Allow(inherit)
export class DeleteDefinitionPayload {
  @Field(() => ID, { description: "The draft that is gone; TypeID, `wfd_…`." })
  definitionId!: string;
}

@ObjectType({ description: "The copy." })
@Allow(inherit)
export class CloneDefinitionPayload {
  @Field(() => Definition, { description: "The new draft; `parent` is what it was copied from." })
  definition!: Definition;
}

@ObjectType({ description: "The frozen definition." })
@Allow(inherit)
export class PublishDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}

@ObjectType({ description: "The promoted version." })
@Allow(inherit)
export class PromoteDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}

@ObjectType({ description: "The version that is on its way out." })
@Allow(inherit)
export class DeprecateDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}

@ObjectType({ description: "The version that is out of use." })
@Allow(inherit)
export class RetireDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}
