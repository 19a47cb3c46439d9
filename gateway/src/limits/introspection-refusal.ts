/** Says who can see the schema in production, and where else it is. */
export const introspectionRefusal =
  "On this installation, introspection requires a login with the permission schema.read. The release contains the complete schema in the file schema.graphql, and that of the vendor portal in dist/vendor-portal.graphql.";
