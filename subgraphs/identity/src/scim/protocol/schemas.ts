import { attribute } from "./attribute.js";
import type { Schema } from "./attribute.js";

const externalId = attribute("externalId", "ID in the identity provider. Unique in the organization.", {
  caseExact: true,
  uniqueness: "server",
});

const contact = (what: string, types: readonly string[]) => [
  attribute("value", what),
  attribute("display", "Text to show.", { mutability: "readOnly" }),
  attribute("type", "Kind.", { canonicalValues: types }),
  attribute("primary", "Whether it is the preferred one.", { type: "boolean" }),
];

/** Users: the employees of an organization. Weft itself uses one email address and one phone number of each, and keeps the others for the provider. */
export const userSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:User",
  name: "User",
  description: "An employee of the organization.",
  attributes: [
    externalId,
    attribute("userName", "Name with which the user can log in.", { required: true, uniqueness: "server" }),
    attribute("displayName", "Name to show."),
    attribute("name", "Parts of the name.", {
      type: "complex",
      subAttributes: [
        attribute("formatted", "The entire name. Used if there is no displayName."),
        attribute("givenName", "Given name."),
        attribute("familyName", "Family name."),
      ],
    }),
    attribute("emails", "Email addresses. The primary one, else the first of the type work, else the first, is that of the login.", {
      type: "complex",
      multiValued: true,
      subAttributes: contact("Email address.", ["work", "home", "other"]),
    }),
    attribute("phoneNumbers", "Phone numbers. The primary one, else the first of the type work, else the first, is shown in Weft.", {
      type: "complex",
      multiValued: true,
      subAttributes: contact("Phone number.", ["work", "mobile", "home", "other"]),
    }),
    attribute("title", "Job title."),
    attribute("locale", "Language and region, such as de-CH."),
    attribute("timezone", "IANA time zone, such as Europe/Zurich."),
    attribute("active", "Whether the user can log in.", { type: "boolean" }),
  ],
};

/** Groups: the teams of an organization. */
export const groupSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:Group",
  name: "Group",
  description: "A team of the organization.",
  attributes: [
    externalId,
    attribute("displayName", "Name of the team. SCIM creates no second team with the same name.", { required: true }),
    attribute("members", "Employees in the team.", {
      type: "complex",
      multiValued: true,
      subAttributes: [
        attribute("value", "ID of the user.", { caseExact: true, mutability: "immutable" }),
        attribute("$ref", "URL of the user.", { type: "reference", mutability: "readOnly", referenceTypes: ["User"] }),
        attribute("display", "Name of the user.", { mutability: "readOnly" }),
        attribute("type", "Kind of member.", { mutability: "immutable", canonicalValues: ["User"] }),
      ],
    }),
  ],
};
