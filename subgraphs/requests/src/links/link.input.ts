import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Request } from "../requests/request.type.js";
import { RequestLinkKind } from "./link.type.js";

@InputType({ description: "Input of `linkRequests` and `unlinkRequests`." })
export class LinkRequestsInput {
  @Field(() => ID, { description: "The request from which the link leads: the one that blocks, the duplicate, or the parent." })
  id!: string;

  @Field(() => RequestLinkKind, { description: "Kind of link." })
  kind!: RequestLinkKind;

  @Field(() => ID, { description: "The other request: the one that is blocked, the original, or the child." })
  toId!: string;
}

@ObjectType({ description: "Payload of `linkRequests`." })
@Allow(inherit)
export class LinkRequestsPayload {
  @Field(() => Request, { description: "The request from which the link leads." })
  request!: Request;
}

@ObjectType({ description: "Payload of `unlinkRequests`." })
@Allow(inherit)
export class UnlinkRequestsPayload {
  @Field(() => Request, { description: "The request from which the link led." })
  request!: Request;
}
