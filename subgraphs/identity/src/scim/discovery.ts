import { attributesOf } from "./protocol/attribute.js";
import type { Schema } from "./protocol/attribute.js";
import { listBody, maxResults } from "./protocol/paging.js";
import type { Resource } from "./protocol/read-resource.js";
import { groupSchema, userSchema } from "./protocol/schemas.js";
import { notFound } from "./protocol/scim-refusal.js";
import type { ScimResult } from "./request.js";

/** What clients can find out about the endpoint (RFC 7644, section 4). */

const not = { supported: false };

/** `/ServiceProviderConfig` */
export const serviceProviderConfig = (baseUrl: string): ScimResult => ({
  status: 200,
  body: {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    patch: { supported: true },
    bulk: { ...not, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults },
    changePassword: not,
    sort: not,
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "API key",
        description: "An API key of a service account, or an access token that /oauth/token issued for it, as a bearer token.",
        specUri: "https://www.rfc-editor.org/rfc/rfc6750",
        primary: true,
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location: `${baseUrl}/ServiceProviderConfig` },
  },
});

const resourceTypes = [
  { name: "User", endpoint: "/Users", schema: userSchema },
  { name: "Group", endpoint: "/Groups", schema: groupSchema },
];

/** `/ResourceTypes` and `/ResourceTypes/User`. @throws ScimRefusal (404) */
export function resourceTypesAnswer(baseUrl: string, id: string): ScimResult {
  const all = resourceTypes.map(({ name, endpoint, schema }) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: name,
    name,
    description: schema.description,
    endpoint,
    schema: schema.id,
    schemaExtensions: [],
    meta: { resourceType: "ResourceType", location: `${baseUrl}/ResourceTypes/${name}` },
  }));
  return oneOrAll(all, { id, path: "ResourceTypes" });
}

/** `/Schemas` and `/Schemas/urn:…`. @throws ScimRefusal (404) */
export function schemasAnswer(baseUrl: string, id: string): ScimResult {
  const all = [userSchema, groupSchema].map((schema: Schema) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: attributesOf(schema),
    meta: { resourceType: "Schema", location: `${baseUrl}/Schemas/${schema.id}` },
  }));
  return oneOrAll(all, { id, path: "Schemas" });
}

function oneOrAll(all: readonly (Resource & { id: string })[], { id, path }: { readonly id: string; readonly path: string }): ScimResult {
  if (id === "") return { status: 200, body: listBody(all, { startIndex: 1, total: all.length }) };
  const one = all.find((resource) => resource.id.toLowerCase() === id.toLowerCase());
  if (!one) throw notFound(`${path}/${id}`);
  return { status: 200, body: one };
}
