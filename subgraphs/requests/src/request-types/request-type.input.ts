import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { RequestType } from "./request-type.type.js";

@InputType({ description: "Input of `createRequestType`." })
export class CreateRequestTypeInput {
  @Field(() => String, { description: "Key, unique in the tenant (lower-case letters, digits, and dashes)." })
  key!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Describes when to use the type." })
  description!: string;

  @Field(() => String, { description: "Key of a published definition." })
  definitionKey!: string;

  @Field(() => String, { description: "Number prefix, unique in the tenant (capital letters and digits, for example `MR`)." })
  numberPrefix!: string;

  @Field(() => String, { defaultValue: "submit", description: "Transition that `submitRequest` fires." })
  submitTransition!: string;

  @Field(() => String, { defaultValue: "cancel", description: "Transition that `cancelRequest` fires." })
  cancelTransition!: string;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `closeRequest` fires. Default: `close`, if the definition has it. Null for none.",
  })
  closeTransition?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `reopenRequest` fires. Default: `reopen`, if the definition has it. Null for none.",
  })
  reopenTransition?: string | null;

  @Field(() => [String], {
    defaultValue: [],
    description:
      "Properties of the definition's data that a new request asks for, in form order. Empty for all. `createRequest` refuses others.",
  })
  fields!: string[];

  @Field(() => String, {
    nullable: true,
    description:
      "Name of the routing rules (`createRoutingRule`) that choose the assignee when a request is submitted. If omitted, nobody is assigned.",
  })
  route?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `createRequestType`." })
@Allow(inherit)
export class CreateRequestTypePayload {
  @Field(() => RequestType, { description: "The new request type." })
  requestType!: RequestType;
}
