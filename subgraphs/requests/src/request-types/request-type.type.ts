import { Allow, can, DateTimeScalar, encodeId, inherit, ViewerIndependent } from "@weft/shared";
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
  @ViewerIndependent("requestType.read")
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  @ViewerIndependent("requestType.read")
  nodeKey!: string;

  @Field(() => String, { description: "Key, unique in the tenant. Input of `createRequest`." })
  @ViewerIndependent("requestType.read")
  key!: string;

  @Field(() => String, { description: "Display name." })
  @ViewerIndependent("requestType.read")
  name!: string;

  @Field(() => String, { description: "Describes when to use the type." })
  @ViewerIndependent("requestType.read")
  description!: string;

  @Field(() => String, { description: "Key of the definition. New requests use its newest published version." })
  @ViewerIndependent("requestType.read")
  definitionKey!: string;

  @Field(() => String, { description: "Requests are numbered `<prefix>-<n>`." })
  @ViewerIndependent("requestType.read")
  numberPrefix!: string;

  @Field(() => String, { description: "Transition that `submitRequest` fires." })
  @ViewerIndependent("requestType.read")
  submitTransition!: string;

  @Field(() => String, { description: "Transition that `cancelRequest` fires." })
  @ViewerIndependent("requestType.read")
  cancelTransition!: string;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `closeRequest` fires. Null if requests of this type cannot be closed this way.",
  })
  @ViewerIndependent("requestType.read")
  closeTransition!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `reopenRequest` fires. Null if requests of this type cannot be reopened.",
  })
  @ViewerIndependent("requestType.read")
  reopenTransition!: string | null;

  @Field(() => [String], {
    description:
      "Properties of the definition's data that a new request asks for, in form order. Empty for all. Properties that the definition requires are always included.",
  })
  @ViewerIndependent("requestType.read")
  fields!: string[];

  @Field(() => String, {
    nullable: true,
    description: "Name of the routing rules that choose the assignee when a request is submitted. Null if nobody is assigned.",
  })
  @ViewerIndependent("requestType.read")
  route!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  @ViewerIndependent("requestType.read")
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  @ViewerIndependent("requestType.read")
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  @ViewerIndependent("requestType.read")
  updatedAt!: string;
}

/** Converts a row to its API type. */
export function toRequestType(row: RequestTypeRow): RequestType {
  const id = encodeId("requestType", row.id);
  return Object.assign(new RequestType(), row, { id, nodeKey: id });
}
