import { Allow, can, CommentAudience, connectionOf, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
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

@ObjectType({ description: "A comment on a request." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("request.read"))
export class RequestComment {
  @Field(() => ID, { description: "ID (`rqc_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => CommentAudience, { description: "Users who can read the comment. It never changes." })
  audience!: CommentAudience;

  @Field(() => String, { description: "Text, as written. Plain text." })
  text!: string;

  @Field(() => User, { nullable: true, description: "Author of the comment. Null if you cannot see the user." })
  author!: User;

  @Field(() => User, { nullable: true, description: "User whose substitute the author was, if any." })
  onBehalfOf!: User | null;

  @Field(() => [User], { nullable: "items", description: "Users whom the comment mentions. Null for a user whom you cannot see." })
  mentioned!: User[];

  @Field(() => Boolean, { description: "Whether it was written as a reply to an email." })
  isFromEmail!: boolean;

  @Field(() => Int, { description: "Version number, incremented on every edit. Pass it to `editRequestComment` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last edit. Null if it was never edited." })
  editedAt!: string | null;

  /** The underlying row, for field resolvers. */
  row!: CommentRow;
}

export const { Connection: RequestCommentConnection } = connectionOf(RequestComment, "RequestComment");

/** Converts a row to its API type. */
export function toRequestComment(row: CommentRow): RequestComment {
  const id = encodeId("requestComment", row.id);
  return Object.assign(new RequestComment(), {
    id,
    nodeKey: id,
    audience: row.audience as CommentAudience,
    text: row.text,
    author: User.of(row.authorId),
    onBehalfOf: User.ofOrNull(row.onBehalfOf),
    mentioned: row.mentionedIds.map((userId) => User.of(userId)),
    isFromEmail: row.emailHash !== null,
    version: row.version,
    createdAt: row.createdAt,
    editedAt: row.editedAt,
    row,
  });
}

export const toRequestCommentVersion = ({ version, text, replacedAt }: CommentVersionRow): RequestCommentVersion =>
  Object.assign(new RequestCommentVersion(), { version, text, replacedAt });

export const RequestCommentPayload = payloadOf(RequestComment, "comment");
export type RequestCommentPayload = InstanceType<typeof RequestCommentPayload>;
