import type { TaskRemarkRow } from "@weft/engine";
import { Allow, DateTimeScalar, anyOf, can, encodeId } from "@weft/shared";
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { User, userReference, userReferenceOrNull } from "../principals/principal.type.js";

export enum TaskRemarkKind {
  COMMENT = "COMMENT",
  QUESTION = "QUESTION",
  ANSWER = "ANSWER",
}
registerEnumType(TaskRemarkKind, {
  name: "TaskRemarkKind",
  description: "What a remark is.",
  valuesConfig: {
    COMMENT: { description: "Said to all who see the task." },
    QUESTION: { description: "Asked of one person; the task waits for the answer." },
    ANSWER: { description: "Answers a question." },
  },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "What somebody said about a task." })
@Allow(anyOf(can("task.read"), can("workflow.read")))
export class TaskRemark {
  @Field(() => ID, { description: "TypeID, `rmk_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => TaskRemarkKind, { description: "What it is." })
  kind!: TaskRemarkKind;

  @Field(() => String, { description: "What was said, as it was written: plain text." })
  text!: string;

  @Field(() => User, { nullable: true, description: "Who said it; null when he cannot be shown to you." })
  author!: User | null;

  @Field(() => User, { nullable: true, description: "In whose place, when its author stood in for somebody." })
  onBehalfOf!: User | null;

  @Field(() => User, { nullable: true, description: "Of a question: who is asked." })
  asked!: User | null;

  @Field(() => ID, { nullable: true, description: "Of an answer: the question that it answers." })
  questionId!: string | null;

  @Field(() => DateTimeScalar, { description: "When it was said." })
  createdAt!: string;
}

export function toTaskRemark(row: TaskRemarkRow): TaskRemark {
  const id = encodeId("taskRemark", row.id);
  return {
    id,
    nodeKey: id,
    kind: row.kind as TaskRemarkKind,
    text: row.text,
    author: userReference(row.authorId),
    onBehalfOf: userReferenceOrNull(row.onBehalfOf),
    asked: userReferenceOrNull(row.askedId),
    questionId: row.questionId && encodeId("taskRemark", row.questionId),
    createdAt: row.createdAt,
  };
}
