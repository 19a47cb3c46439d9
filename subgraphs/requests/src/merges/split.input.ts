import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { Request } from "../requests/request.type.js";

export enum RequestSplitKind {
  PARENT_OF = "PARENT_OF",
  RELATES_TO = "RELATES_TO",
}
registerEnumType(RequestSplitKind, {
  name: "RequestSplitKind",
  description: "Links from a request to one that was split off.",
  valuesConfig: {
    PARENT_OF: { description: "The new request is a child: the other one cannot end before it, except by being cancelled." },
    RELATES_TO: { description: "The requests concern the same matter, and end independently." },
  },
});

@InputType({ description: "Input of `splitRequest`." })
export class SplitRequestInput {
  @Field(() => ID, { description: "The request to split." })
  id!: string;

  @Field(() => RequestSplitKind, { description: "Link from the request to the new one." })
  kind!: RequestSplitKind;

  @Field(() => String, { nullable: true, description: "Key of the new request's type (default: the type of the request)." })
  typeKey?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Fields of the form of the new request's type." })
  data?: Record<string, unknown> | null;

  @Field(() => [ID], {
    nullable: true,
    description: "Comments to copy (`rqc_…`), at most 100, with their files. They keep their authors, times, and audience.",
  })
  commentIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Attachments to copy (`att_…`), at most 100. They keep their visibility." })
  attachmentIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `splitRequest`." })
@Allow(inherit)
export class SplitRequestPayload {
  @Field(() => Request, { description: "The request that was split." })
  request!: Request;

  @Field(() => Request, { description: "The new request, a draft." })
  newRequest!: Request;
}
