import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Request } from "../requests/request.type.js";

export enum RequestLinkKind {
  BLOCKS = "BLOCKS",
  DUPLICATES = "DUPLICATES",
  PARENT_OF = "PARENT_OF",
  RELATES_TO = "RELATES_TO",
}
registerEnumType(RequestLinkKind, {
  name: "RequestLinkKind",
  description: "Kinds of links from one request to another.",
  valuesConfig: {
    BLOCKS: { description: "The other request cannot end before this one, except by being cancelled." },
    DUPLICATES: {
      description:
        "This request reports the same as the other one, the original. When the original ends, this request is cancelled. A request has at most one original.",
    },
    PARENT_OF: {
      description:
        "The other request is a part of this one, which cannot end before its parts, except by being cancelled. A request has at most one parent.",
    },
    RELATES_TO: { description: "The requests concern the same matter. Without a direction." },
  },
});

@ObjectType({ description: "A link of a request to another one." })
@Allow(inherit)
export class RequestLink {
  @Field(() => RequestLinkKind, { description: "Kind of link." })
  kind!: RequestLinkKind;

  @Field(() => Boolean, {
    description: "Whether the link leads from the other request to this one: this one is blocked, the original, or the child.",
  })
  isInverse!: boolean;

  @Field(() => Request, { description: "The other request." })
  request!: Request;
}
