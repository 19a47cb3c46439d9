import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { CommentAudience } from "@weft/api/comment-audience";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Directive, Field, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { CommentRow, CommentVersionRow } from "./comment.store.js";

@ObjectType({ description: "An earlier text of an edited comment." })
@Allow(inherit)
export class RequestCommentVersion {
  @Field(() => Int, { description: "Version number of the comment that had this text." })
  version!: number;

  @Field(() => String, { description: "Text, as written." })
  text!: string;

  @Field(() => DateTimeScalar, { description: "Time of the edit that replaced the text." })
  replacedAt!: string;
}

const commentColumns = columns({
  id: column.id("ID (`rqc_…`).", {
    created: "The request.",
    updated: "The comment (`rqc_…`).",
    requiredInUpdate: true,
    isKey: true,
    decorators: [Allow(inherit)],
  }),
  ...standardColumns.nodeKey,
  audience: column.of(() => CommentAudience, "Users who can read the comment.", {
    shown: "Users who can read the comment. It never changes.",
    created: "Users who can read the comment. It cannot be changed later.",
    updated: false,
  }),
  text: column.text("Text, as written. Plain text.", {
    created: "Plain text, at most 10,000 characters.",
    updated: "New text. Plain text, at most 10,000 characters.",
    requiredInUpdate: true,
  }),
  mentionedUserIds: column.ids("Users to mention.", {
    shown: false,
    created: "Users to mention, at most 20. They are notified. Each of them must be able to read the comment.",
    updated: "Users to mention, at most 20. Those whom the comment did not mention before are notified. If omitted, the mentions stay.",
    optional: true,
  }),
  fileIds: column.ids("Files to attach (`fil_…`), at most 20, each uploaded by you. Users who can read the comment can see them.", {
    shown: false,
    updated: false,
    optional: true,
  }),
  ...column.shownOnly({
    author: column.of(() => User, "Author of the comment. Null if you cannot see the user.", { shownNullable: true }),
    onBehalfOf: column.of(() => User, "User whose substitute the author was, if any.", { nullable: true }),
    mentioned: column.of(() => [User], "Users whom the comment mentions. Null for a user whom you cannot see.", { shownNullable: "items" }),
    isFromEmail: column.flag("Whether it was written as a reply to an email."),
    version: column.int("Version number, incremented on every edit. Pass it to `editRequestComment` as `expectedVersion`."),
    createdAt: column.time("Creation time."),
    editedAt: column.time("Time of the last edit. Null if it was never edited.", { nullable: true }),
  }),
  ...standardColumns.idempotencyKey,
  expectedVersion: column.int("Version of the comment that you last read. The call fails with `CONFLICT` if the current version differs.", {
    shown: false,
    created: false,
    isKey: true,
  }),
});

@ShowColumns(commentColumns)
@ObjectType({ description: "A comment on a request." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("request.read"))
export class RequestComment extends shapeOf(commentColumns) {
  /** The underlying row, for field resolvers. */
  row!: CommentRow;
}

export const CommentOnRequestInput = createInputOf("CommentOnRequestInput", commentColumns);
export type CommentOnRequestInput = InstanceType<typeof CommentOnRequestInput>;

export const EditRequestCommentInput = updateInputOf("EditRequestCommentInput", commentColumns, "Input of `editRequestComment`.");
export type EditRequestCommentInput = InstanceType<typeof EditRequestCommentInput>;

export const { Connection: RequestCommentConnection } = connectionOf(RequestComment, "RequestComment");

/** Converts a row to its API type. */
export function toRequestComment(row: CommentRow): RequestComment {
  const id = encodeId("requestComment", row.id);
  return Object.assign(new RequestComment(), {
    ...commentColumns.shown(row),
    id,
    nodeKey: id,
    author: User.of(row.authorId),
    onBehalfOf: User.ofOrNull(row.onBehalfOf),
    mentioned: row.mentionedIds.map((userId) => User.of(userId)),
    isFromEmail: row.emailHash !== null,
    row,
  });
}

export const toRequestCommentVersion = ({ version, text, replacedAt }: CommentVersionRow): RequestCommentVersion =>
  Object.assign(new RequestCommentVersion(), { version, text, replacedAt });

export const RequestCommentPayload = payloadOf(RequestComment, "comment");
export type RequestCommentPayload = InstanceType<typeof RequestCommentPayload>;
