import { buildSchema, type GraphQLInputObjectType } from "graphql";
import { canInTenant } from "../rules/rules.js";

const { CreateVendorInput } = buildSchema(`
  scalar JSON
  input CreateVendorInput {
    code: String!
    name: String!
    email: String
    phone: String
    categories: [String!]! = []
    fields: JSON
    onboard: Boolean! = false
  }
`).getTypeMap();

/**
 * What the requests subgraph needs to accept an import of vendors, whose lines the vendors subgraph writes. A test of that subgraph compares the fields with
 * those of its input.
 */
export const vendorImports = {
  /** Rule of `createVendor`. */
  rule: canInTenant("vendor.create"),
  /** Fields of `createVendor` that columns can set. */
  input: CreateVendorInput as GraphQLInputObjectType,
} as const;
