import { TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { demoPassword } from "@weft/shared/demo";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// A long export continues where a killed worker stopped.

const MANY = 5_000;

let database: OwnPostgres;
let weft: StandaloneProcess;
let sql: postgres.Sql;
let olga: TestUser;

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  const ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  const settings = { DATABASE_OWNER_URL: ownerUrl };
  weft = await standaloneProcess({ program: "server", settings });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  olga = await TestUser.login(weft.url, "operations@acme.com", demoPassword("operations@acme.com"));
  await sql`
    insert into requests.assets select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'tag', 'BULK-' || n, 'name', repeat('n', 200)))).*
      from requests.assets a, generate_series(1, ${MANY}::int) n where a.id = (select id from requests.assets order by id limit 1)`;
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
}, 120_000);

interface ExportFields {
  readonly status: string;
  readonly rowCount: number;
  readonly message: string | null;
  readonly file: { readonly download: { readonly url: string } } | null;
}

async function begun(): Promise<string> {
  const { exportAssets } = await olga.run<{ exportAssets: { export: { id: string } } }>(
    "mutation ($input: ExportAssetsInput!) { exportAssets(input: $input) { export { id } } }",
    { input: { filter: { tag: { contains: "BULK-" } }, columns: ["tag", "name", "building.code"] } },
  );
  return exportAssets.export.id;
}

const read = async (id: string): Promise<ExportFields> =>
  (
    await olga.run<{ export: ExportFields }>("query ($id: ID!) { export(id: $id) { status rowCount message file { download { url } } } }", {
      id,
    })
  ).export;

test.each(drawn(["app.recordPart:2", "app.recordPart>app.committed:1", "app.storeFile:1", "app.endExport>app.committed:1"], { of: 4 }))(
  "continues after it is killed at %s: every row is in the file once",
  { timeout: 240_000 },
  async (point) => {
    weft.arm(point);
    const id = await begun();
    await weft.ended();
    await weft.start();
    // The claim of the killed worker would last a minute.
    await sql`update app.exports set due_at = now() where status = 'RUNNING'`;
    const done = await until(
      async () => {
        const found = await read(id);
        return found.status === "RUNNING" ? null : found;
      },
      { what: "the export has ended", deadlineMs: 120_000 },
    );
    expect(done).toMatchObject({ status: "COMPLETED", message: null, rowCount: MANY });
    const response = await fetch(new URL(done.file?.download.url ?? "", weft.url));
    const tags = (await response.text())
      .split("\r\n")
      .slice(1, -1)
      .map((line) => line.slice(0, line.indexOf(",")));
    expect(tags).toHaveLength(MANY);
    expect(new Set(tags).size).toBe(MANY);
  },
);
