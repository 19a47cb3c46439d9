/** Policies by table beyond those of `app.protect`: name, kind and command, as `pg_policy` has them. A catalog test and every start hold the list. */
export const furtherPolicies: Readonly<Record<string, readonly string[]>> = {
  "app.shared_configurations": ["everybody_reads permissive r", "platform_writes permissive a"],
  "workflows.definitions": ["published_remains restrictive d", "published_stays restrictive w"],
};

/** Those that `app.protect` writes for every role, on every table with a tenant. */
export const macroPolicies: readonly string[] = ["tenant permissive *", "vendor restrictive *", "vendor_delete restrictive d"];
