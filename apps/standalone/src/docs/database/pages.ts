import type { weftSchemas } from "@weft/drizzle";
import type { Catalog } from "./catalog.js";
import { routineDescription, tableDescriptions } from "./descriptions.js";
import { notice, schemaPage } from "./schema-page.js";

export const folder = "docs/reference/database";
export const indexPath = `${folder}/index.md`;

/** What each schema contains, in the order of the index. */
const schemas: Readonly<Record<(typeof weftSchemas)[number], string>> = {
  identity: "tenants, users, teams, roles, permissions, sessions",
  workflows: "definitions, instances, tasks, routing rules, incidents, batch operations",
  requests: "request types, requests, buildings, assets",
  vendors: "vendors and projects",
  audit: "audit trail, seals, notifications",
  events: "the log of events, the queue of the relay, the progress of consumers",
  engine: "functions with which the engine writes transitions; no tables",
  app: "what all subgraphs share: settings of the transaction, object access, idempotency keys, usage, mail, configuration",
};

/** Returns the reference of the database, by path in the repository: the index, which contains the fingerprint, and a page per schema. */
export function databasePages(catalog: Catalog, fingerprint: string): Record<string, string> {
  const descriptions = { tables: tableDescriptions(), routine: routineDescription };
  const names = Object.keys(schemas) as (keyof typeof schemas)[];
  // The sidebar of the site shows the pages of this list.
  const list = names.map((name) => `- [${name}](${name}.md): ${schemas[name]}`);
  return {
    [indexPath]: [...introduction(fingerprint), ...list, "", rules].join("\n"),
    ...Object.fromEntries(names.map((name) => [`${folder}/${name}.md`, schemaPage(name, catalog, descriptions)])),
  };
}

/** The fingerprint in the index; undefined if the page has none. */
export const fingerprintIn = (page: string): string | undefined => /<!-- fingerprint: (\w+) -->/.exec(page)?.[1];

const introduction = (fingerprint: string): string[] => [
  "# Database schema",
  "",
  `<!-- fingerprint: ${fingerprint} -->`,
  notice,
  "",
  "The tables, keys, indexes and row-level security policies of a migrated database, one page per PostgreSQL schema. Each subgraph has a schema of its own; `events`, `engine` and `app` are shared.",
  "",
];

const rules = `## Rules that apply to every table

- A table of a tenant has \`tenant_id\` as the first column of every key. Exceptions are listed in \`drizzle/src/global-tables.ts\`.
- Rows that only transitions write, such as tasks and history, refer to their instance without a foreign key. See [decision 11](../../explanation/decisions/0011-rows-that-only-transitions-write.md).
- IDs are UUIDv7. The API shows them as type IDs, for example \`tsk_…\`.
- Times are \`timestamptz\`. The columns \`version\`, \`created_at\` and \`updated_at\` have the same meaning everywhere: a version number that every change increments, and the times of creation and of the last change.
- The column *data* of a page says how a value is protected. \`personal\`: encrypted with the person's key in audit entries and events, included in exports, and redacted in logs. \`secret\`: never leaves the database.

## Row-level security

Row-level security is enabled and forced on every table of a tenant. Permissive policies grant access to rows; restrictive policies take it away again. A row is visible if at least one permissive policy and all restrictive policies allow it.

| policy | what it does |
| --- | --- |
| \`tenant\` | grants access to the rows of the tenant for which the transaction was opened |
| \`vendor\` | limits users of a vendor to rows that their vendor can see |
| \`vendor_delete\` | keeps users of a vendor from deleting rows |
| \`across_tenants_…\` | lets one role of the database, such as the worker's, work without a tenant |
| \`purge_when_due\` | limits the role that purges archived tenants to tenants whose retention period has ended |

The functions that the policies call are on the page of the schema [app](app.md). The [security model](../../explanation/security-model.md) explains how they work together.
`;
