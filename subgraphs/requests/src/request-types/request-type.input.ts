import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { RequestType } from "./request-type.type.js";

@InputType({ description: "What `createRequestType` takes." })
export class CreateRequestTypeInput {
  @Field(() => String, { description: "Unique in the tenant: lower-case letters, digits, dashes." })
  key!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "When to use it." })
  description!: string;

  @Field(() => String, { description: "Key of a published definition." })
  definitionKey!: string;

  @Field(() => String, { description: "Capital letters and digits, `MR`; unique in the tenant." })
  numberPrefix!: string;

  @Field(() => String, { defaultValue: "submit", description: "Transition that `submitRequest` fires." })
  submitTransition!: string;

  @Field(() => String, { defaultValue: "cancel", description: "Transition that `cancelRequest` fires." })
  cancelTransition!: string;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `closeRequest` fires. When omitted: `close`, if the definition has it. Null: none.",
  })
  closeTransition?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `reopenRequest` fires. When omitted: `reopen`, if the definition has it. Null: none.",
  })
  reopenTransition?: string | null;

  @Field(() => [String], {
    defaultValue: [],
    description:
      "Properties of the definition's data that a new request asks for, in the order of the form. Empty: all. `createRequest` refuses others.",
  })
  fields!: string[];

  @Field(() => String, {
    nullable: true,
    description:
      "Name of the routing rules that choose who gets a request when it is submitted (`createRoutingRule`); nobody when left out.",
  })
  route?: string | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createRequestType` answers." })
@Allow(inherit)
export class CreateRequestTypePayload {
  @Field(() => RequestType, { description: "The new request type." })
  requestType!: RequestType;
}
