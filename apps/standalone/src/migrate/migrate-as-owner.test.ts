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
