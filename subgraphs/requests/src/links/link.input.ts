import { Field, ID, InputType } from "type-graphql";

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
