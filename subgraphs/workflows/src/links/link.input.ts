import { Allow, DateTimeScalar, JsonScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";

@InputType({ description: "Who is mailed a link to which task." })
export class CreateTaskLinkInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description: "Whose link it is, `usr_…`: your own when absent; somebody else's, whose email is verified, for who may assign all tasks.",
  })
  userId?: string | null;

  @Field(() => Int, { defaultValue: 72, description: "For how many hours it works: 1 to 720." })
  hours!: number;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result, and mails nothing." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What a link of a mail is to do." })
export class CompleteTaskByLinkInput {
  @Field(() => String, { description: "Of the mail: `wtl_…`." })
  token!: string;

  @Field(() => String, { description: "The transition of the instance that completing the task fires." })
  transition!: string;

  @Field(() => String, { nullable: true, description: "Why; some transitions require it. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "What the transition's input schema asks for." })
  input?: unknown;
}

@ObjectType({ description: "The link is on its way." })
@Allow(inherit)
export class CreateTaskLinkPayload {
  @Field(() => DateTimeScalar, { description: "Until when it works." })
  expiresAt!: string;
}

@ObjectType({ description: "The task is done." })
@Allow(inherit)
export class CompleteTaskByLinkPayload {
  @Field(() => String, { description: "What was to be done." })
  title!: string;

  @Field(() => String, { description: "How it was completed." })
  transition!: string;
}
