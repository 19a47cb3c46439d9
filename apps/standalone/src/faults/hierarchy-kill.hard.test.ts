import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { brokenInvariants, TestUser } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";
import { hierarchyBoundaries } from "./hierarchy-boundaries.js";
import { completeTask, houseData, houseDefinitions, houseOf, startHouse, type StartedHouse } from "./house-definitions.js";

// X2: the server is killed at every SQL boundary of a transition with children and tasks. It runs alone, on a database that outlives it.

let database: OwnPostgres;
let ownerUrl: string;
let weft: StandaloneProcess;
let admin: TestUser;
let loggedInAt = 0;

/** Renewed after five minutes: on a busy machine, the tests run longer than an access token is valid. */
async function logIn(): Promise<void> {
  if (Date.now() - loggedInAt < 300_000) return;
  admin = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
  loggedInAt = Date.now();
}

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  await logIn();
  for (const source of houseDefinitions) {
    const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(
      "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
      { source },
    );
    await admin.run("mutation ($id: ID!) { publishDefinition(input: { id: $id }) { definition { id } } }", createDefinition.definition);
  }
}, 300_000);

afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 120_000);

/** Returns all instances of the hierarchy with their tasks, parents before children. */
async function hierarchyOf(id: string): Promise<string[]> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const rows = await sql<{ line: string }[]>`
    select concat_ws(' ', i.definition_key, i.state, i.status, i.version, string_agg(t.status, ' ' order by t.id)) as line
      from workflows.instances i left join workflows.tasks t on t.tenant_id = i.tenant_id and t.instance_id = i.id
     where i.id = ${decodeId("instance", id)} or i.ancestors[1] = ${decodeId("instance", id)}
     group by i.tenant_id, i.id order by cardinality(i.ancestors), i.id`;
  await sql.end();
  return rows.map(({ line }) => line);
}

const before = [
  "house building RUNNING 1",
  "wing building RUNNING 1",
  "wing building RUNNING 1",
  "room open RUNNING 1 OPEN",
  "room open RUNNING 1 OPEN",
];
const after = [
  "house moving RUNNING 3 OPEN",
  "wing done COMPLETED 3",
  "wing building CANCELLED 2",
  "room open RUNNING 1 OPEN",
  "room done COMPLETED 2 COMPLETED",
  "room open CANCELLED 2 CLOSED",
];

test.each(drawn(hierarchyBoundaries, { of: 6 }))(
  "kill -9 $where: either the entire hierarchy has made the transition or none of it, and the retry returns the first result",
  { timeout: 120_000 },
  async ({ point, isCommitted }) => {
    await logIn();
    const { id, taskId } = houseOf(await admin.run<StartedHouse>(startHouse, { data: houseData }));
    expect(await hierarchyOf(id)).toEqual(before);
    const complete = () =>
      admin.run<{ completeTask: object }>(completeTask, {
        input: { id: taskId, transition: "finish", idempotencyKey: `complete ${taskId}` },
      });
    weft.arm(point);
    await expect(complete()).rejects.toThrow(/fetch failed/);
    await weft.ended();
    await weft.start();
    expect(await hierarchyOf(id)).toEqual(isCommitted ? after : before);
    expect(await brokenInvariants({ ownerUrl })).toEqual([]);
    for (let tries = 0; tries < 2; tries++) {
      expect((await complete()).completeTask).toEqual({ task: { status: "COMPLETED" }, instance: { state: "done", version: 2 } });
      expect(await hierarchyOf(id)).toEqual(after);
    }
  },
);
