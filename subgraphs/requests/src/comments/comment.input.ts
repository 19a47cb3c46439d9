import { Allow, CommentAudience, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Request } from "../requests/request.type.js";
import { RequestComment } from "./comment.type.js";

@InputType({ description: "Input of `commentOnRequest`." })
export class CommentOnRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => CommentAudience, { description: "Users who can read the comment. It cannot be changed later." })
  audience!: CommentAudience;

  @Field(() => String, { description: "Plain text, at most 10,000 characters." })
  text!: string;

  @Field(() => [ID], {
    nullable: true,
    description: "Users to mention, at most 20. They are notified. Each of them must be able to read the comment.",
  })
  mentionedUserIds?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: "Files to attach (`fil_…`), at most 20, each uploaded by you. Users who can read the comment can see them.",
  })
  fileIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `editRequestComment`." })
export class EditRequestCommentInput {
  @Field(() => ID, { description: "The comment (`rqc_…`)." })
  id!: string;

  @Field(() => String, { description: "New text. Plain text, at most 10,000 characters." })
  text!: string;

  @Field(() => [ID], {
    nullable: true,
    description: "Users to mention, at most 20. Those whom the comment did not mention before are notified. If omitted, the mentions stay.",
  })
  mentionedUserIds?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the comment that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `commentOnRequest`." })
@Allow(inherit)
export class CommentOnRequestPayload {
  @Field(() => Request, { description: "The request." })
  request!: Request;

  @Field(() => RequestComment, { description: "The new comment." })
  comment!: RequestComment;
}
