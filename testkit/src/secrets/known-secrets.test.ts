import { postgres } from "@weft/pg-driver";
import { expect, test } from "vitest";
import { startTestWeft } from "../test-weft.js";
import { secretsIn, secretsInTables } from "./find-secrets.js";

const updateProfile = "mutation Name($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }";

test("a Weft that stored a password readably, or logged a token, says so when it stops", { tags: "slow" }, async () => {
  const weft = await startTestWeft({ alone: "It stores and logs secrets." });
  const { admin } = await weft.tenant();
  await admin.run(updateProfile, { input: { name: admin.password } });
  weft.weft.services.log.warn({ note: admin.refreshToken }, "a careless line");
  const failure = String(await weft.stop().catch((error: unknown) => error));
  expect(failure).toContain(`identity.users: ${admin.password}`);
  expect(failure).toContain(`log: ${admin.refreshToken}`);
});

test("finds secrets in text, in JSON, and in columns of bytes", async () => {
  const weft = await startTestWeft({ alone: "It stores and logs secrets." });
  const sql = postgres(weft.database.ownerUrl, { max: 1 });
  try {
    await sql`create table public.leaks (a text, b jsonb, c bytea)`;
    const [a, b, c, d] = ["token-number-one", "two.two.two.two", "bytes-of-a-key", "never written"];
    await sql`insert into public.leaks values (${`https://weft.example/#token=${a}`}, ${sql.json({ deep: [`Bearer ${b}`] })}, ${Buffer.from(c)})`;
    expect((await secretsInTables(weft.database.ownerUrl, new Set([a, b, c, d]))).map((found) => found.split(":")[0])).toEqual(
      Array.from({ length: 3 }, () => "public.leaks"),
    );
  } finally {
    await sql.end();
    await weft.stop();
  }
});

test("finds a passphrase within a text, and a token only as a whole", () => {
  expect(secretsIn("a quiet river 42, or abcdefghijklmnop", new Set(["quiet river", "abcdefghijkl"]))).toEqual(["quiet river"]);
});
