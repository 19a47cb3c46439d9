import { readFileSync } from "node:fs";
import { weftSchemas } from "@weft/drizzle";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Catalog, readCatalog } from "./catalog.js";
import { tableDescriptions } from "./descriptions.js";
import { entityDiagram } from "./entity-diagram.js";
import { databasePages, databasePaths } from "./pages.js";

let database: TestDatabase;
let catalog: Catalog;
beforeAll(async () => {
  database = await cloneDatabase();
  const sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  catalog = await readCatalog(sql);
  await sql.end();
});
afterAll(() => database.drop());

test("there is a page for every schema, with each of its tables and their columns, and the index lists it", () => {
  const pages = databasePages(catalog);
  const index = readFileSync(new URL("../../../../../docs/reference/database/index.md", import.meta.url), "utf8");
  expect(Object.keys(pages)).toEqual(databasePaths);
  for (const schema of weftSchemas) expect(index).toContain(`(${schema}.md)`);
  for (const { schema, name, columns } of catalog.tables) {
    const page = pages[`docs/reference/database/${schema}.md`] ?? "";
    const [, section = ""] = page.split(`\n## ${name}\n`);
    for (const column of columns) expect([name, section]).toEqual([name, expect.stringContaining(`| \`${column.name}\` |`)]);
  }
});

test("every table has a description", () => {
  const described = tableDescriptions();
  expect(catalog.tables.length).toBeGreaterThan(50);
  expect(catalog.tables.map(({ schema, name }) => `${schema}.${name}`).filter((name) => !described.has(name))).toEqual([]);
});

test("a description of a table or column belongs to one that exists", () => {
  const known = new Set(
    catalog.tables.flatMap(({ schema, name, columns }) => [
      `${schema}.${name}`,
      ...columns.map((column) => `${schema}.${name}.${column.name}`),
    ]),
  );
  expect([...tableDescriptions().keys()].filter((name) => !known.has(name))).toEqual([]);
});

test("the diagram shows foreign keys of a schema, but not those to tenants", () => {
  const diagram = entityDiagram("requests", catalog.tables);
  expect(diagram).toContain('  buildings ||--o{ assets : ""');
  expect(diagram).toContain('  "workflows.instances" ||--o{ requests : ""');
  expect(diagram.join("\n")).not.toContain("tenants");
});
