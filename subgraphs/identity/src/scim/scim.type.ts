import { column, columns, createInputOf, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";

export enum ScimMethod {
  POST = "POST",
  PUT = "PUT",
  PATCH = "PATCH",
  DELETE = "DELETE",
}
registerEnumType(ScimMethod, {
  name: "ScimMethod",
  description: "Method of a SCIM request that changes something.",
  valuesConfig: {
    POST: { description: "Creates a resource." },
    PUT: { description: "Replaces a resource." },
    PATCH: { description: "Changes parts of a resource." },
    DELETE: { description: "Deletes a resource." },
  },
});

export const ScimParametersInput = createInputOf(
  "ScimParametersInput",
  columns({
    filter: column.text("Filter (RFC 7644, section 3.4.2.2), at most 1,000 characters.", { nullable: true }),
    startIndex: column.text("Number of the first resource of the page (default: 1).", { nullable: true }),
    count: column.text("Size of the page (default: 100, at most 200).", { nullable: true }),
    attributes: column.text("The only attributes to return, separated by commas.", { nullable: true }),
    excludedAttributes: column.text("Attributes not to return, separated by commas.", { nullable: true }),
  }),
  "Parameters of a SCIM request that reads, as in the URL.",
);
export type ScimParametersInput = InstanceType<typeof ScimParametersInput>;

export const SendScimRequestInput = createInputOf(
  "SendScimRequestInput",
  columns({
    method: column.of(() => ScimMethod, "Method."),
    path: column.text("Path below `/scim/v2`, for example `Users` or `Groups/tem_…`."),
    body: column.json("Body.", { nullable: true }),
    ifMatch: column.text("Header `If-Match`: the version that the resource must have.", { nullable: true }),
    attributes: column.text("The only attributes to return, separated by commas.", { nullable: true }),
    excludedAttributes: column.text("Attributes not to return, separated by commas.", { nullable: true }),
  }),
  "A SCIM request that changes something.",
);
export type SendScimRequestInput = InstanceType<typeof SendScimRequestInput>;

const responseColumns = columns({
  httpStatus: column.int("Status of HTTP. 400 and above: the body is an error of SCIM, and nothing was changed."),
  body: column.json("Body. Null if there is none.", { nullable: true }),
  etag: column.text("Version of the resource, as in the header `ETag`.", { nullable: true }),
  location: column.text("URL of the resource.", { nullable: true }),
  retryAfter: column.int(
    "Seconds after which the same request can succeed, as in the header `Retry-After`. Null if the response is final.",
    { nullable: true },
  ),
});

@ShowColumns(responseColumns)
@ObjectType({ description: "A response of SCIM 2.0 (RFC 7644)." })
@Allow(inherit)
export class ScimResponse extends shapeOf(responseColumns) {}

@ObjectType({ description: "Payload of `sendScimRequest`." })
@Allow(inherit)
export class SendScimRequestPayload {
  @Field(() => ScimResponse, { description: "The response." })
  response!: ScimResponse;
}
