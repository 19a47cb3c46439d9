import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { Request } from "../requests/request.type.js";
import { RequestComment } from "./comment.type.js";

@ObjectType({ description: "Payload of `commentOnRequest`." })
@Allow(inherit)
export class CommentOnRequestPayload {
  @Field(() => Request, { description: "The request." })
  request!: Request;

  @Field(() => RequestComment, { description: "The new comment." })
  comment!: RequestComment;
}
