import { writeFileSync } from "node:fs";
import { VaultServer } from "@weft/testkit/network/vault-server";
import { expect, onTestFinished, test } from "vitest";
import { aFile, aProcess } from "./followed-process.fixture.js";

async function aVault() {
  const vault = await VaultServer.start();
  onTestFinished(() => vault.close());
  vault.addToken("hvs.first");
  return { vault, env: { WEFT_VAULT_URL: vault.url, WEFT_VAULT_TOKEN_FILE: aFile("hvs.first") } };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

test("a mistake in one file keeps no other value back, and is reported for its own setting only", async () => {
  const [redis, smtp] = [aFile("redis://:one@redis"), aFile("smtp://one@mail")];
  const { adopted, state } = await aProcess({ REDIS_URL_FILE: redis, SMTP_URL_FILE: smtp }, { adopts: ["SMTP_URL"] });
  writeFileSync(redis, "rodis://:two@redis");
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/^The new value is refused: REDIS_URL/);
  writeFileSync(smtp, "smtp://two@mail");
  await expect.poll(() => adopted).toEqual([{ SMTP_URL: "smtp://two@mail" }]);
  expect([state("SMTP_URL")?.problem, state("REDIS_URL")?.replacements.refused]).toEqual([null, 1]);
});

test("credentials that are refused are given back, and those in use are not", async () => {
  const { vault, env } = await aVault();
  const { settings, revoked } = vault.addDatabase({ seconds: 3_600 });
  const { secrets, adopted, state } = await aProcess({ ...env, ...settings }, { adopts: ["DATABASE_URL"] });
  vault.addEngine("database/creds/weft", {
    seconds: 3_600,
    create: async () => ({ data: { username: "v-weft-broken" }, revoke: async () => void revoked.push("v-weft-broken") }),
  });
  expect(await secrets.readAgain(["DATABASE_URL"])).toBe(false);
  await expect.poll(() => revoked).toEqual(["v-weft-broken"]);
  expect([adopted, [...vault.leases.values()].length, state("DATABASE_URL")?.problem]).toEqual([
    [],
    1,
    "DATABASE_URL_VAULT: database/creds/weft has no password",
  ]);
});

test("a value that could not be taken over is not reported as in use, and is tried again", { tags: "slow" }, async () => {
  const file = aFile("redis://:one@redis");
  const { secrets, state, counts } = await aProcess({ REDIS_URL_FILE: file }, { adopts: [] });
  let calls = 0;
  secrets.onReplaced(["REDIS_URL"], async () => {
    if (calls++ === 0) throw new Error("Redis is starting.");
  });
  writeFileSync(file, "redis://:two@redis");
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/could not be taken over/);
  expect([state("REDIS_URL")?.replacements.adopted, counts("its new value is in use")]).toEqual([0, 0]);
  await expect.poll(() => state("REDIS_URL")?.replacements.adopted, { timeout: 5_000 }).toBe(1);
  expect([calls, state("REDIS_URL")?.problem]).toEqual([2, null]);
});

test("what begins to use a secret after it was replaced gets the new value at once", async () => {
  const file = aFile("redis://:one@redis");
  const { secrets, state } = await aProcess({ REDIS_URL_FILE: file }, { adopts: [] });
  writeFileSync(file, "redis://:two@redis");
  await expect.poll(() => state("REDIS_URL")?.replacements["after-restart"]).toBe(1);
  const adopted: unknown[] = [];
  secrets.onReplaced(["REDIS_URL"], (values) => void adopted.push(values));
  expect(adopted).toEqual([{ REDIS_URL: "redis://:two@redis" }]);
});

test("values in two files that are used together are not taken over between the changes of the two", async () => {
  const [id, key] = [aFile("id-1"), aFile("key-1")];
  const { adopted } = await aProcess(
    { S3_BUCKET: "files", S3_ACCESS_KEY_ID_FILE: id, S3_SECRET_ACCESS_KEY_FILE: key },
    { adopts: ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"], times: { intervalMs: 200 } },
  );
  writeFileSync(id, "id-2");
  await new Promise((resolve) => setTimeout(resolve, 250));
  writeFileSync(key, "key-2");
  await expect.poll(() => adopted, { timeout: 3_000 }).toEqual([{ S3_ACCESS_KEY_ID: "id-2", S3_SECRET_ACCESS_KEY: "key-2" }]);
});

test("a login that PostgreSQL refuses again and again asks the server for few other credentials", async () => {
  const { vault, env } = await aVault();
  const { settings, created } = vault.addDatabase({ seconds: 3_600 });
  const { secrets } = await aProcess({ ...env, ...settings }, { adopts: ["DATABASE_URL"], times: { intervalMs: 10, againMs: 100 } });
  const end = performance.now() + 1_000;
  while (performance.now() < end) await Promise.all([1, 2, 3].map(() => secrets.readAgain(["DATABASE_URL"])));
  // At 0, 100, 300 and 700 ms, in addition to the first.
  expect(created()).toBeLessThanOrEqual(5);
  expect(created()).toBeGreaterThan(2);
});

test("a server that does not answer delays no file", async () => {
  const { vault, env } = await aVault();
  vault.write("secret/data/redis", { url: "redis://redis" });
  const file = aFile("smtp://one@mail");
  const { adopted } = await aProcess({ ...env, REDIS_URL_VAULT: "secret/data/redis#url", SMTP_URL_FILE: file }, { adopts: ["SMTP_URL"] });
  const answered = Promise.withResolvers<void>();
  vault.addEngine("secret/data/redis", {
    seconds: 60,
    create: async () => {
      await answered.promise;
      return { data: { url: "redis://redis" } };
    },
  });
  await settled();
  writeFileSync(file, "smtp://two@mail");
  await expect.poll(() => adopted).toEqual([{ SMTP_URL: "smtp://two@mail" }]);
  answered.resolve();
});
