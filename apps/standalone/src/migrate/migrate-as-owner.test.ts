import { leaveAsBeforeBaseline, replacedMigrations } from "@weft/testkit/postgres/before-baseline";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { postgres } from "@weft/pg-driver";
import { expect, test } from "vitest";
import { migrateAsOwner } from "./migrate-as-owner.js";

const role = { name: "weft_nobody", password: "none" };

test("an unreachable DATABASE_OWNER_URL is reported in a sentence, without its password", async () => {
  const migrating = migrateAsOwner({ ownerUrl: "postgres://ann:secret@127.0.0.1:1/weft", roles: { app: role, worker: role, auth: role } });
  await expect(migrating).rejects.toMatchObject({
    name: "StartRefused",
    isFinal: false,
    message:
      "DATABASE_OWNER_URL: PostgreSQL at 127.0.0.1:1 cannot be reached (ECONNREFUSED). Check that it is running and that the host and port are correct.",
  });
});

test("a database that an earlier build must migrate first is refused for good: a restart would not help", async () => {
  const database = await cloneDatabase();
  const sql = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
  await leaveAsBeforeBaseline(sql, replacedMigrations.slice(0, 100));
  await sql.end();
  await expect(migrateAsOwner({ ownerUrl: database.ownerUrl, roles: testRoles })).rejects.toMatchObject({
    name: "StartRefused",
    isFinal: true,
    message: expect.stringContaining(`The last migration of this database is ${replacedMigrations[99]}.`) as string,
  });
  await database.drop();
});
