import type { Constraint, Table } from "./catalog.js";

/** Nearly every table references these. Their lines would hide the others. */
const tenants = "identity.tenants";
const users = "identity.users";

/**
 * Returns an entity-relationship diagram of a schema: the tables that foreign keys connect, with their keys without `tenant_id`. Several references to
 * the same table are one line. References to tenants are omitted, and those to users are only shown within their own schema. Returns no lines if
 * nothing is connected.
 */
export function entityDiagram(schema: string, all: readonly Table[]): string[] {
  const tables = all.filter((table) => table.schema === schema);
  const isShown = ({ references }: Constraint): boolean =>
    references !== null && references !== tenants && (references !== users || schema === "identity");
  const connected = new Map<string, string[]>();
  const lines = new Set<string>();
  for (const table of tables) {
    const keys = table.constraints.filter(({ kind }) => kind === "f").filter(isShown);
    for (const { references } of keys) {
      connected.set(`${schema}.${table.name}`, keyColumns(table, keys));
      if (references === null || references === `${schema}.${table.name}`) continue;
      lines.add(`  ${label(schema, references)} ||--o{ ${table.name} : ""`);
      const target = all.find((other) => references === `${other.schema}.${other.name}`);
      if (!connected.has(references)) connected.set(references, target === undefined ? [] : keyColumns(target, []));
    }
  }
  if (connected.size === 0) return [];
  const boxes = [...connected].flatMap(([name, columns]) =>
    columns.length === 0 ? [] : [`  ${label(schema, name)} {`, ...columns, "  }"],
  );
  return ["```mermaid", "erDiagram", ...boxes, ...lines, "```", ""];
}

/** The columns of the primary key and of the shown foreign keys, as attributes. */
function keyColumns(table: Table, foreign: readonly Constraint[]): string[] {
  const primary = table.constraints.find(({ kind }) => kind === "p")?.columns ?? [];
  const referring = new Set(foreign.flatMap(({ columns }) => columns));
  return table.columns
    .filter(({ name }) => name !== "tenant_id" && (primary.includes(name) || referring.has(name)))
    .map(({ name, type }) => {
      const keys = [...(primary.includes(name) ? ["PK"] : []), ...(referring.has(name) ? ["FK"] : [])];
      return `    ${type.replaceAll(/\W+/g, "_")} ${name} ${keys.join(", ")}`;
    });
}

/** A name with its schema if the schema is another one. */
const label = (schema: string, table: string): string => (table.startsWith(`${schema}.`) ? table.slice(schema.length + 1) : `"${table}"`);
