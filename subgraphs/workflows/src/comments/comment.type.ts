import type { TaskCommentRow } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, anyOf, can } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import * as commonColumns from "../common-columns.js";

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

const taskCommentColumns = columns({
  id: column.id("ID (`cmt_…`)."),
  ...commonColumns.nodeKey,
  kind: column.of(() => TaskCommentKind, "Kind of comment."),
  text: column.text("The comment as written, in plain text."),
  author: column.of(() => User, "Author of the comment. Null if you cannot see the user.", { nullable: true }),
  onBehalfOf: column.of(() => User, "User whose substitute the author was, if any.", { nullable: true }),
  asked: column.of(() => User, "For a question: the user who is asked.", { nullable: true }),
  questionId: column.id("For an answer: the question.", { nullable: true }),
  createdAt: column.time("Creation time."),
});

@ShowColumns(taskCommentColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "A comment on a task." })
@Allow(anyOf(can("task.read"), can("workflow.read")))
export class TaskComment extends shapeOf(taskCommentColumns) {}

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
