import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Request } from "../requests/request.type.js";

@InputType({ description: "Input of `watchRequest` and `unwatchRequest`." })
export class WatchRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description: "User who watches. Default: you. Other users require the permission `request.triage`.",
  })
  userId?: string | null;
}

@ObjectType({ description: "Payload of `watchRequest`." })
@Allow(inherit)
export class WatchRequestPayload {
  @Field(() => Request, { description: "The request." })
  request!: Request;
}

@ObjectType({ description: "Payload of `unwatchRequest`." })
@Allow(inherit)
export class UnwatchRequestPayload {
  @Field(() => Request, { description: "The request." })
  request!: Request;
}
