import { Allow, can, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import type { RequestTypeRow } from "./request-type.store.js";

@ObjectType({
  description:
    "A kind of request: the workflow that it follows, how it is numbered, and which of the workflow's data properties its form shows, in order.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("requestType.read"))
export class RequestType {
  @Field(() => ID, { description: "TypeID, `rqt_…`." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Unique in the tenant: what `createRequest` names." })
  key!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "When to use it." })
  description!: string;

  @Field(() => String, { description: "Key of the definition; the newest published version is taken when a request is created." })
  definitionKey!: string;

  @Field(() => String, { description: "Requests are numbered `<prefix>-<n>`." })
  numberPrefix!: string;

  @Field(() => String, { description: "Transition that `submitRequest` fires." })
  submitTransition!: string;

  @Field(() => String, { description: "Transition that `cancelRequest` fires." })
  cancelTransition!: string;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `closeRequest` fires; null if requests of this type can't be closed by it.",
  })
  closeTransition!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `reopenRequest` fires; null if requests of this type can't be reopened.",
  })
  reopenTransition!: string | null;

  @Field(() => [String], {
    description:
      "Properties of the definition's data that a new request asks for, in the order of the form. Empty: all. What the definition requires is asked for in any case.",
  })
  fields!: string[];

  @Field(() => String, {
    nullable: true,
    description: "Name of the routing rules that choose who gets a request when it is submitted; null: nobody is chosen.",
  })
  route!: string | null;

  @Field(() => Int, { description: "Grows with each change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
  updatedAt!: string;
}

/** The API's view of a row. */
export function toRequestType(row: RequestTypeRow): RequestType {
  const id = encodeId("requestType", row.id);
  return Object.assign(new RequestType(), row, { id, nodeKey: id });
}
