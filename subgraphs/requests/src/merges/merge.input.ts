import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Request } from "../requests/request.type.js";

@InputType({ description: "Input of `mergeRequests`." })
export class MergeRequestsInput {
  @Field(() => ID, { description: "The request that ends: the duplicate." })
  id!: string;

  @Field(() => ID, {
    description: "The request that receives its comments, files, watchers, and links: the original. It must not have ended.",
  })
  intoId!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the duplicate that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `mergeRequests`." })
@Allow(inherit)
export class MergeRequestsPayload {
  @Field(() => Request, { description: "The request that has ended." })
  request!: Request;

  @Field(() => Request, { description: "The request into which it was merged." })
  into!: Request;
}
