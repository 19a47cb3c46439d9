import { Form } from "@weft/api/forms";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { AvailableTransition } from "../instances/instance.type.js";

export enum TaskLinkStatus {
  OPEN = "OPEN",
  TAKEN = "TAKEN",
  DONE = "DONE",
  EXPIRED = "EXPIRED",
  REPLACED = "REPLACED",
}
registerEnumType(TaskLinkStatus, {
  name: "TaskLinkStatus",
  description: "Whether a link to a task can be used.",
  valuesConfig: {
    OPEN: { description: "The link can complete the task." },
    TAKEN: { description: "Another user has claimed the task." },
    DONE: { description: "The task is completed, or is no longer needed." },
    EXPIRED: { description: "The link has expired." },
    REPLACED: { description: "The user has received a newer link." },
  },
});

@ObjectType({ description: "A value of the workflow, with the name that users know it by." })
@Allow(inherit)
export class TaskLinkFact {
  @Field(() => String, { description: "Display name." })
  label!: string;

  @Field(() => JsonScalar, { description: "Value: a text, a number, a boolean, or a list of these." })
  value!: unknown;
}

@ObjectType({
  description:
    "What the recipient of an emailed link sees of its task. Everything but the first three fields is known while the link is open.",
})
@Allow(inherit)
export class TaskByLink {
  @Field(() => TaskLinkStatus, { description: "Whether the link can be used." })
  status!: TaskLinkStatus;

  @Field(() => String, { description: "Name of the organization." })
  organization!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Name of the user who has claimed the task, if it is not the recipient. Null if the recipient cannot see the task or the user.",
  })
  takenBy!: string | null;

  @Field(() => String, { nullable: true, description: "Title of the task." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "What the step of a run says about the task." })
  instructions!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Number, or code and name, of the business object of the workflow. Null if there is none, or the recipient cannot see it.",
  })
  subject!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Deadline of the task." })
  dueAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiration time of the link." })
  expiresAt!: string | null;

  @Field(() => [TaskLinkFact], { description: "Data of the workflow, if the recipient can read the workflow." })
  facts!: TaskLinkFact[];

  @Field(() => Form, { nullable: true, description: "The form for the `input`, whatever the transition." })
  form!: Form | null;

  @Field(() => [AvailableTransition], {
    description: "Transitions that complete the task, with the reasons why the recipient cannot use them.",
  })
  transitions!: AvailableTransition[];
}
