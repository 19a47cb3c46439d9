import { Field, ID, InputType } from "type-graphql";

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
