/** Policies by table in addition to those of `app.protect`: name, kind and command, as in `pg_policy`. A catalog test and every start check the list. */
export const furtherPolicies: Readonly<Record<string, readonly string[]>> = {
  "app.shared_configurations": ["everybody_reads permissive r", "platform_writes permissive a"],
  "audit.notifications": ["shown restrictive *"],
  "events.log": ["kept restrictive d"],
  "events.positions": ["kept restrictive d"],
  "requests.requests": ["shown restrictive *"],
  "vendors.project_tasks": ["shown restrictive *"],
  "vendors.projects": ["shown restrictive *"],
  "workflows.definitions": ["published_remains restrictive d", "published_stays restrictive w"],
  "workflows.instances": ["shown restrictive *"],
  "workflows.tasks": ["shown restrictive *"],
};

/** Policies that `app.protect` creates for every role, on every table with a tenant. */
export const macroPolicies: readonly string[] = ["tenant permissive *", "vendor restrictive *", "vendor_delete restrictive d"];
