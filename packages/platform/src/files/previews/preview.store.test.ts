import { type BareDatabase, openBareDatabase } from "@weft/testkit/postgres/bare-database";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../../db/as-tenant.js";
import { newId } from "@weft/shared/ids";
import { fileQueue } from "../file.store.js";
import { previewQueue } from "./preview.store.js";

let bare: BareDatabase;
beforeAll(async () => void (bare = await openBareDatabase()));
afterAll(() => bare.close());

/** A tenant with due files, in a transaction whose plans join row by row, as PostgreSQL does it for few rows. */
async function withDueFiles<T>(count: number, run: (tx: Parameters<Parameters<typeof asTenant>[3]>[0]) => Promise<T>): Promise<T> {
  const { tenantId } = await bare.tenant();
  const userId = await bare.user(tenantId);
  for (let n = 0; n < count; n++)
    await bare.owner`
      insert into app.files (tenant_id, id, name, size, type, sha256, status, created_by, stored_at, due_at, previews_due_at)
      values (${tenantId}, ${newId()}, 'photo.png', 1, 'image/png', 'x', 'STORED', ${userId}, now(), now(), now())`;
  return asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    for (const plan of ["hashjoin", "mergejoin", "material", "sort", "hashagg", "memoize"])
      await tx.execute(sql.raw(`set local enable_${plan} = off`));
    return run(tx);
  });
}

test("one image is taken for its previews, however the database joins, and the others stay due", async () => {
  const due = await withDueFiles(5, async (tx) => {
    await previewQueue.claim(tx);
    return tx.execute(sql`select id from app.files where previews_due_at <= now()`);
  });
  expect(due).toHaveLength(4);
});

test("no more files are taken than the limit, however the database joins", async () => {
  const [taken, due] = await withDueFiles(5, async (tx) => [
    await fileQueue.claim(tx, 2),
    await tx.execute(sql`select id from app.files where due_at <= now()`),
  ]);
  expect([taken.length, due.length]).toEqual([2, 3]);
});
