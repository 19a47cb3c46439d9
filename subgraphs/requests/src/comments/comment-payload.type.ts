import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { RequestComment } from "./comment.type.js";

@ObjectType({ description: "Payload of a mutation that returns a request comment." })
@Allow(inherit)
export class RequestCommentPayload {
  @Field(() => RequestComment, { description: "The request comment as it is after the call." })
  comment!: RequestComment;
}
