/**
 * Tables to which the rule "every row belongs to a tenant" does not apply, each with its reason. Keys are `schema.table`. A catalog test checks the
 * list.
 */
export const globalTables: Readonly<Record<string, string>> = {
  "app.installation": "Facts of the installation: one row, of no tenant.",
  "app.shared_configurations":
    "Configuration of the platform and of the plans, everybody's. Row-level security is forced: all read, only a transaction of the platform's tenant adds.",
  "app_migrations.schema_migrations": "Which migrations ran; node-pg-migrate writes it, the owner alone reads it.",
  "app_migrations.repeatable":
    "Which files of functions, triggers and policies were applied; `migrate` writes it, only the owner reads it.",
  "identity.login_names":
    "Finds the tenant of a login name before a tenant is known, so its key begins with the hash. Row-level security is forced all the same: weft_app writes its own tenant's rows, weft_auth alone reads across.",
};

/** Keys of tenant tables that do not start with the tenant, each with its reason. */
export const globalKeys: Readonly<Record<string, string>> = {
  "identity.tenants_platform_key": "An installation has one platform tenant.",
  "identity.domains_verified_key": "A verified domain belongs to one tenant of the installation.",
  tenants_slug_key: "A slug names one tenant of the installation; tenants become a reference table on Citus.",
};
