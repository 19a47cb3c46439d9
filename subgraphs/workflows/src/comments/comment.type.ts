import type { TaskCommentRow } from "@weft/engine";
import { Allow, DateTimeScalar, anyOf, can, encodeId } from "@weft/shared";
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../principals/principal.type.js";

export enum TaskCommentKind {
  COMMENT = "COMMENT",
  QUESTION = "QUESTION",
  ANSWER = "ANSWER",
}
registerEnumType(TaskCommentKind, {
  name: "TaskCommentKind",
  description: "Kinds of comments on a task.",
  valuesConfig: {
    COMMENT: { description: "A comment for everyone who can see the task." },
    QUESTION: { description: "A question to one user. The task waits for the answer." },
    ANSWER: { description: "An answer to a question." },
  },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "A comment on a task." })
@Allow(anyOf(can("task.read"), can("workflow.read")))
export class TaskComment {
  @Field(() => ID, { description: "ID (`cmt_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => TaskCommentKind, { description: "Kind of comment." })
  kind!: TaskCommentKind;

  @Field(() => String, { description: "The comment as written, in plain text." })
  text!: string;

  @Field(() => User, { nullable: true, description: "Author of the comment. Null if you cannot see the user." })
  author!: User | null;

  @Field(() => User, { nullable: true, description: "User whose substitute the author was, if any." })
  onBehalfOf!: User | null;

  @Field(() => User, { nullable: true, description: "For a question: the user who is asked." })
  asked!: User | null;

  @Field(() => ID, { nullable: true, description: "For an answer: the question." })
  questionId!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;
}

export function toTaskComment(row: TaskCommentRow): TaskComment {
  const id = encodeId("taskComment", row.id);
  return {
    id,
    nodeKey: id,
    kind: row.kind as TaskCommentKind,
    text: row.text,
    author: User.of(row.authorId),
    onBehalfOf: User.ofOrNull(row.onBehalfOf),
    asked: User.ofOrNull(row.askedId),
    questionId: row.questionId && encodeId("taskComment", row.questionId),
    createdAt: row.createdAt,
  };
}
