import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { ProjectTemplate } from "./project-template.type.js";

@InputType({ description: "Input of `saveProjectTemplate`." })
export class SaveProjectTemplateInput {
  @Field(() => ID, { description: "The project whose plan is saved." })
  projectId!: string;

  @Field(() => String, { description: "Name, unique in the tenant (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Description (at most 2000 characters)." })
  description!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `deleteProjectTemplate`." })
export class DeleteProjectTemplateInput {
  @Field(() => ID, { description: "The template." })
  id!: string;
}

@ObjectType({ description: "Payload of `saveProjectTemplate`." })
@Allow(inherit)
export class SaveProjectTemplatePayload {
  @Field(() => ProjectTemplate, { description: "The new template." })
  template!: ProjectTemplate;
}

@ObjectType({ description: "Payload of `deleteProjectTemplate`." })
@Allow(inherit)
export class DeleteProjectTemplatePayload {
  @Field(() => ID, { description: "ID of the deleted template." })
  templateId!: string;
}
