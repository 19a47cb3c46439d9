import { Allow, inherit, JsonScalar } from "@weft/shared";
import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";

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

@InputType({ description: "Parameters of a SCIM request that reads, as in the URL." })
export class ScimParametersInput {
  @Field(() => String, { nullable: true, description: "Filter (RFC 7644, section 3.4.2.2), at most 1,000 characters." })
  filter?: string | null;

  @Field(() => String, { nullable: true, description: "Number of the first resource of the page (default: 1)." })
  startIndex?: string | null;

  @Field(() => String, { nullable: true, description: "Size of the page (default: 100, at most 200)." })
  count?: string | null;

  @Field(() => String, { nullable: true, description: "The only attributes to return, separated by commas." })
  attributes?: string | null;

  @Field(() => String, { nullable: true, description: "Attributes not to return, separated by commas." })
  excludedAttributes?: string | null;
}

@InputType({ description: "A SCIM request that changes something." })
export class SendScimRequestInput {
  @Field(() => ScimMethod, { description: "Method." })
  method!: ScimMethod;

  @Field(() => String, { description: "Path below `/scim/v2`, for example `Users` or `Groups/tem_…`." })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Body." })
  body?: unknown;

  @Field(() => String, { nullable: true, description: "Header `If-Match`: the version that the resource must have." })
  ifMatch?: string | null;

  @Field(() => String, { nullable: true, description: "The only attributes to return, separated by commas." })
  attributes?: string | null;

  @Field(() => String, { nullable: true, description: "Attributes not to return, separated by commas." })
  excludedAttributes?: string | null;
}

@ObjectType({ description: "A response of SCIM 2.0 (RFC 7644)." })
@Allow(inherit)
export class ScimResponse {
  @Field(() => Int, { description: "Status of HTTP. 400 and above: the body is an error of SCIM, and nothing was changed." })
  httpStatus!: number;

  @Field(() => JsonScalar, { nullable: true, description: "Body. Null if there is none." })
  body!: unknown;

  @Field(() => String, { nullable: true, description: "Version of the resource, as in the header `ETag`." })
  etag!: string | null;

  @Field(() => String, { nullable: true, description: "URL of the resource." })
  location!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Seconds after which the same request can succeed, as in the header `Retry-After`. Null if the response is final.",
  })
  retryAfter!: number | null;
}

@ObjectType({ description: "Payload of `sendScimRequest`." })
@Allow(inherit)
export class SendScimRequestPayload {
  @Field(() => ScimResponse, { description: "The response." })
  response!: ScimResponse;
}
