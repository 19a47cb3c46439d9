import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";

@InputType({ description: "The task, and the user who receives a link to it by email." })
export class CreateTaskLinkInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      "ID of the user who receives the link (`usr_…`), by default you. Only users who can assign all tasks can name another user, whose email address must be verified.",
  })
  userId?: string | null;

  @Field(() => Int, { defaultValue: 72, description: "Validity of the link in hours, 1 to 720." })
  hours!: number;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key returns the first result and sends no email.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "How to complete the task of an emailed link." })
export class CompleteTaskByLinkInput {
  @Field(() => String, { description: "Token from the email (`wtl_…`)." })
  token!: string;

  @Field(() => String, { description: "Name of the transition that completes the task." })
  transition!: string;

  @Field(() => String, { nullable: true, description: "Comment. Some transitions require one. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values for the transition's input schema." })
  input?: unknown;
}

@ObjectType({ description: "The link that was sent." })
@Allow(inherit)
export class CreateTaskLinkPayload {
  @Field(() => DateTimeScalar, { description: "Expiration time of the link." })
  expiresAt!: string;
}

@ObjectType({ description: "The completed task." })
@Allow(inherit)
export class CompleteTaskByLinkPayload {
  @Field(() => String, { description: "Title of the task." })
  title!: string;

  @Field(() => String, { description: "The transition with which the task was completed." })
  transition!: string;
}
