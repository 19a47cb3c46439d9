import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { TestUser, until } from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// A long import with wrong lines: exactly those are named. Then its worker is killed, half-way and at the commits: nothing is imported twice.

/** Twenty transactions; the kills are in the fourth, in the fourth after that, and in the sixth after that. `WEFT_IMPORT_LINES` takes another number. */
const MANY = Number(process.env["WEFT_IMPORT_LINES"] ?? 400);
const WRONG = 37;
/** Time for the lines on a busy machine. */
const deadlineMs = 300_000 + MANY * 150;

let database: OwnPostgres;
let weft: StandaloneProcess;
let sql: postgres.Sql;
let olga: TestUser;

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  const ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  const settings = { DATABASE_OWNER_URL: ownerUrl, NODE_OPTIONS: "--conditions=weft-chaos" };
  weft = await standaloneProcess({ program: "server", settings });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  olga = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
}, 300_000);

afterAll(async () => {
  await sql?.end();
  await weft?.remove();
  await database?.remove();
}, 120_000);

/** How a line can be wrong, and the column of the problem. */
const mistakes: readonly [line: (tag: string) => string, column: string | null][] = [
  [(tag) => `${tag},${tag},,pump,2026-01-01,HQ`, "name"],
  [(tag) => `${tag},${tag},Pump,pump,2026-02-30,HQ`, "installedOn"],
  [(tag) => `${tag},${tag},Pump,pump,2026-01-01,NOWHERE`, "building.code"],
  [(tag) => `${tag},${"x".repeat(41)}${tag},Pump,pump,2026-01-01,HQ`, "tag"],
  [(tag) => `${tag},${tag},Pump,pump`, null],
];

test(
  `${MANY} lines with ${WRONG} wrong ones are imported once each, although the worker is killed`,
  { timeout: 3 * deadlineMs },
  async () => {
    const wrong = new Map(
      Array.from({ length: WRONG }, (_, n) => [13 + n * Math.floor(MANY / (WRONG + 1)), mistakes[n % mistakes.length]] as const),
    );
    const lines = Array.from({ length: MANY }, (_, n) => {
      const tag = `IMP-${n}`;
      return wrong.get(n)?.[0](tag) ?? `${tag},${tag},Pump ${n},pump,2026-01-01,HQ`;
    });
    const text = `externalId,tag,name,type,installedOn,building.code\r\n${lines.join("\r\n")}\r\n`;
    const fileId = await uploadText(olga, { name: "assets.csv", text });
    const { createImport } = await olga.run<{ createImport: { import: { id: string } } }>(
      "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }",
      { input: { fileId, list: "ASSETS" } },
    );
    const { id } = createImport.import;
    interface Fields {
      readonly status: string;
      readonly doneCount: number;
    }
    const uuid = decodeId("import", id);
    // Asked without the API: the session could end before the lines do.
    const inStatus = async (status: string): Promise<Fields> => {
      const isReached = async () => (await sql`select from app.imports where id = ${uuid} and status = ${status}`).length === 1;
      await until(isReached, { what: `the import is ${status}`, deadlineMs, everyMs: 200 });
      olga = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
      const query = "query ($id: ID!) { import(id: $id) { status doneCount createdCount failedCount message } }";
      return (await olga.run<{ import: Fields }>(query, { id })).import;
    };
    expect(await inStatus("READY")).toMatchObject({ doneCount: MANY, createdCount: MANY - WRONG, failedCount: WRONG });
    type Problems = { importProblems: { edges: { node: { line: number; column: string | null } }[] } };
    const problems = await olga.run<Problems>(
      "query ($id: ID!) { importProblems(importId: $id, first: 100) { edges { node { line column } } } }",
      { id },
    );
    // The header is on line 1.
    expect(problems.importProblems.edges.map(({ node }) => [node.line, node.column])).toEqual(
      [...wrong].map(([n, mistake]) => [n + 2, mistake?.[1] ?? null]),
    );

    await olga.run("mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } } }", {
      input: { id, mode: "LINE_BY_LINE" },
    });
    // After about a fifth of the lines, of which each transaction imports 20, another fifth, and another quarter.
    const groups = MANY / 100;
    for (const point of [
      `app.recordProgress:${groups}`,
      `app.recordProgress>app.committed:${groups}`,
      `app.insertExternalId:${MANY / 4}`,
    ]) {
      weft.arm(point);
      await weft.ended();
      await weft.start();
      // The claim of the killed worker would last a minute.
      await sql`update app.imports set due_at = now() where id = ${uuid} and status = 'RUNNING'`;
    }
    expect(await inStatus("COMPLETED")).toMatchObject({ doneCount: MANY, createdCount: MANY - WRONG, failedCount: WRONG, message: null });
    const [counted] = await sql<{ assets: number; tags: number; entries: number; events: number }[]>`
      select count(*)::int as assets, count(distinct tag)::int as tags,
             (select count(*)::int from audit.entries e where e.action = 'asset.create' and e.entity_id = any(array_agg(a.id))) as entries,
             (select count(*)::int from events.log e where e.type = 'asset.created' and e.subject_id = any(array_agg(a.id))) as events
        from requests.assets a where tag like 'IMP-%'`;
    const right = MANY - WRONG;
    expect(counted).toEqual({ assets: right, tags: right, entries: right, events: right });
  },
);
