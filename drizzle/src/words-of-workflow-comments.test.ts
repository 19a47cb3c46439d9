import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { postgres } from "@weft/pg-driver";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedFullTenant } from "./full-tenant.fixture.js";

let database: TestDatabase;
let sql: postgres.Sql;
const upOf = (name: string): string =>
  readFileSync(new URL(`../migrations/${name}.sql`, import.meta.url), "utf8").split("-- Down Migration")[0] ?? "";
const [up, upOfFormer] = [upOf("0211_words_of_workflow_comments"), upOf("0213_words_of_former_workflows")];

beforeAll(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** As in an installation, where the owner is no superuser and sees what the policies let it see. */
async function migrate(...texts: readonly string[]): Promise<void> {
  const [table] = await sql<
    { owner: string }[]
  >`select tableowner as owner from pg_tables where schemaname = 'app' and tablename = 'search_words'`;
  await sql.begin(async (tx) => {
    await tx`set local role ${tx(table?.owner ?? "")}`;
    for (const text of texts) await tx.unsafe(text);
  });
}

test("the migration indexes comments on workflows again, under their IDs, and keeps the words of other texts", async () => {
  const seeded = [await seedFullTenant(sql, 1), await seedFullTenant(sql, 2)];
  const expected: string[] = [];
  for (const { tenant } of seeded) {
    const [comment] = await sql<{ id: string; request: string }[]>`
      select id, request_id as request from requests.comments where tenant_id = ${tenant} limit 1`;
    const [instance] = await sql<{ id: string }[]>`
      update workflows.instances set subject_type = 'request', subject_id = ${comment?.request ?? ""}
       where tenant_id = ${tenant} and id = (select instance_id from workflows.internal_comments where tenant_id = ${tenant} limit 1) returning id`;
    const [internal] = await sql<{ id: string }[]>`
      update workflows.internal_comments set text = 'Basalt' where tenant_id = ${tenant} and instance_id = ${instance?.id ?? ""} returning id`;
    const [entry] = await sql<{ id: string }[]>`
      insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, comment, at)
      select ${tenant}, ${randomUUID()}, id, 1000, 'COMMENT', 'x', owner_id, 'Granite', now()
        from workflows.instances where tenant_id = ${tenant} and id = ${instance?.id ?? ""} returning id`;
    const index = async (source: string, text: string): Promise<void> => {
      await sql`call app.index_text(${tenant}, 'request', ${comment?.request ?? ""}, ${source}, 'INTERNAL', null, ${text})`;
    };
    await index(randomUUID(), "Basalt");
    await index(randomUUID(), "Granite");
    await index(comment?.id ?? "", "Marble");
    await index(comment?.request ?? "", "Slate");
    expected.push(`basalt ${internal?.id} INTERNAL`, `granite ${entry?.id} PUBLIC`, `marble ${comment?.id} INTERNAL`);
    expected.push(`slate ${comment?.request} INTERNAL`);
  }
  await migrate(up);
  const rows = await sql<{ word: string; source: string; audience: string }[]>`
    select word, source_id as source, audience from app.search_words where word in ('basalt', 'granite', 'marble', 'slate')`;
  expect(rows.map(({ word, source, audience }) => `${word} ${source} ${audience}`).toSorted()).toEqual(expected.toSorted());
});

test("the migrations keep the words of comments on the former workflow of a converted request, which no vendor finds it by", async () => {
  const { tenant } = await seedFullTenant(sql, 3);
  const [former] = await sql<{ instance: string; request: string }[]>`
    select instance_id as instance, request_id as request from requests.former_instances where tenant_id = ${tenant} limit 1`;
  const [instance, request] = [former?.instance ?? "", former?.request ?? ""];
  await sql`update workflows.instances set subject_type = null, subject_id = null where tenant_id = ${tenant} and id = ${instance}`;
  await sql`update workflows.internal_comments set instance_id = ${instance}, text = 'Gneiss' where tenant_id = ${tenant}
    and id = (select id from workflows.internal_comments where tenant_id = ${tenant} limit 1)`;
  await sql`insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, comment, at)
    select ${tenant}, ${randomUUID()}, id, 1000, 'COMMENT', 'x', owner_id, 'Schist', now()
      from workflows.instances where tenant_id = ${tenant} and id = ${instance}`;
  const noVendor = "00000000-0000-0000-0000-000000000000";
  await sql`call app.index_text(${tenant}, 'request', ${request}, ${randomUUID()}, 'INTERNAL', null, 'Gneiss')`;
  await sql`call app.index_text(${tenant}, 'request', ${request}, ${randomUUID()}, 'PUBLIC', ${noVendor}, 'Schist')`;
  const words = async (): Promise<object[]> => [
    ...(await sql`select object_id as request, word, audience, vendor_id as vendor from app.search_words
      where tenant_id = ${tenant} and word in ('gneiss', 'schist') order by word`),
  ];
  const before = await words();
  expect(before).toEqual([
    { request, word: "gneiss", audience: "INTERNAL", vendor: null },
    { request, word: "schist", audience: "PUBLIC", vendor: noVendor },
  ]);
  await migrate(up, upOfFormer);
  expect(await words()).toEqual(before);
});
