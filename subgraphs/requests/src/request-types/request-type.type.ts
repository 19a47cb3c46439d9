import { Allow, can, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import type { RequestTypeRow } from "./request-type.store.js";

@ObjectType({
  description: "A type of requests: their workflow, their numbers, and the data properties that their form shows, in order.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("requestType.read"))
export class RequestType {
  @Field(() => ID, { description: "ID (`rqt_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Key, unique in the tenant. Input of `createRequest`." })
  key!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Describes when to use the type." })
  description!: string;

  @Field(() => String, { description: "Key of the definition. New requests use its newest published version." })
  definitionKey!: string;

  @Field(() => String, { description: "Requests are numbered `<prefix>-<n>`." })
  numberPrefix!: string;

  @Field(() => String, { description: "Transition that `submitRequest` fires." })
  submitTransition!: string;

  @Field(() => String, { description: "Transition that `cancelRequest` fires." })
  cancelTransition!: string;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `closeRequest` fires. Null if requests of this type cannot be closed this way.",
  })
  closeTransition!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `reopenRequest` fires. Null if requests of this type cannot be reopened.",
  })
  reopenTransition!: string | null;

  @Field(() => [String], {
    description:
      "Properties of the definition's data that a new request asks for, in form order. Empty for all. Properties that the definition requires are always included.",
  })
  fields!: string[];

  @Field(() => String, {
    nullable: true,
    description: "Name of the routing rules that choose the assignee when a request is submitted. Null if nobody is assigned.",
  })
  route!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

/** Converts a row to its API type. */
export function toRequestType(row: RequestTypeRow): RequestType {
  const id = encodeId("requestType", row.id);
  return Object.assign(new RequestType(), row, { id, nodeKey: id });
}
