import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VaultServer } from "@weft/testkit/network/vault-server";
import { expect, onTestFinished, test } from "vitest";
import { aFile, aName, aProcess, userOf } from "./followed-process.fixture.js";

async function aVault() {
  const vault = await VaultServer.start();
  onTestFinished(() => vault.close());
  vault.addToken("hvs.first");
  return { vault, env: { WEFT_VAULT_URL: vault.url, WEFT_VAULT_TOKEN_FILE: aFile("hvs.first") } };
}

test("a replaced file is adopted, also one whose link Kubernetes has replaced", async () => {
  const data = aName();
  mkdirSync(`${data}-1`);
  writeFileSync(join(`${data}-1`, "url"), "redis://:one@redis");
  symlinkSync(`${data}-1`, data);
  const { adopted, counts } = await aProcess({ REDIS_URL_FILE: join(data, "url") }, { adopts: ["REDIS_URL"] });
  mkdirSync(`${data}-2`);
  writeFileSync(join(`${data}-2`, "url"), "redis://:two@redis\n");
  symlinkSync(`${data}-2`, `${data}-next`);
  renameSync(`${data}-next`, data);
  await expect.poll(() => adopted).toEqual([{ REDIS_URL: "redis://:two@redis" }]);
  expect(counts("a secret was replaced; its new value is in use")).toBe(1);
});

test("secrets that are used together are passed on together", async () => {
  const { vault, env } = await aVault();
  vault.write("secret/data/s3", { id: "id-1", key: "key-1" });
  const references = { S3_BUCKET: "files", S3_ACCESS_KEY_ID_VAULT: "secret/data/s3#id", S3_SECRET_ACCESS_KEY_VAULT: "secret/data/s3#key" };
  const { adopted } = await aProcess({ ...env, ...references }, { adopts: ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] });
  vault.write("secret/data/s3", { id: "id-2", key: "key-2" });
  await expect.poll(() => adopted).toEqual([{ S3_ACCESS_KEY_ID: "id-2", S3_SECRET_ACCESS_KEY: "key-2" }]);
});

test("a value that the start would refuse is refused once, without showing it, and the next valid one is adopted", async () => {
  const file = aFile("redis://:one@localhost");
  const { adopted, state, counts, lines } = await aProcess({ WEFT_MODE: "production", REDIS_URL_FILE: file }, { adopts: ["REDIS_URL"] });
  writeFileSync(file, "rodis://:planted-marker@localhost");
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/^The new value is refused: REDIS_URL: must be a URL/);
  writeFileSync(file, "redis://:changeme@localhost");
  await expect.poll(() => state("REDIS_URL")?.problem).toContain("well-known default");
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect([adopted, counts("is refused")]).toEqual([[], 2]);
  writeFileSync(file, "redis://:two@localhost");
  await expect.poll(() => adopted).toEqual([{ REDIS_URL: "redis://:two@localhost" }]);
  expect(state("REDIS_URL")).toMatchObject({ problem: null, replacements: { adopted: 1, refused: 2, "after-restart": 0 } });
  expect(lines.join("")).not.toMatch(/planted-marker|changeme|:two@/);
});

test("a file that is missing for a while changes nothing, and is reported once", async () => {
  const file = aFile("redis://:one@redis");
  const { adopted, state, counts } = await aProcess({ REDIS_URL_FILE: file }, { adopts: ["REDIS_URL"] });
  rmSync(file);
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/cannot be read \(ENOENT\)/);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(counts("the last value remains in use")).toBe(1);
  writeFileSync(file, "redis://:one@redis");
  await expect.poll(() => state("REDIS_URL")?.problem).toBeNull();
  expect(adopted).toEqual([]);
});

test("while the server is sealed or refuses the token, the last value remains in use and the state says why, until it can be read again", async () => {
  const { vault, env } = await aVault();
  vault.write("secret/data/redis", { url: "redis://:one@redis" });
  const { adopted, state, counts } = await aProcess({ ...env, REDIS_URL_VAULT: "secret/data/redis#url" }, { adopts: ["REDIS_URL"] });
  vault.isSealed = true;
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/503 \(Vault is sealed\)/);
  vault.isSealed = false;
  vault.denied.add("secret/data/redis");
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/^WEFT_VAULT_TOKEN_FILE: .*403/);
  vault.denied.clear();
  vault.write("secret/data/redis", { url: "redis://:two@redis" });
  await expect.poll(() => adopted).toEqual([{ REDIS_URL: "redis://:two@redis" }]);
  expect(state("REDIS_URL")?.problem).toBeNull();
  expect([counts("cannot be read again"), counts("can be read again")]).toEqual([2, 1]);
});

test("a lease is renewed as long as the server extends it, and no other credentials are asked for", { tags: "slow" }, async () => {
  const { vault, env } = await aVault();
  const { settings, created } = vault.addDatabase({ seconds: 1 });
  const { adopted } = await aProcess({ ...env, ...settings }, { adopts: ["DATABASE_URL"] });
  const renewals = () => vault.requests.filter((request) => request === "PUT sys/leases/renew").length;
  await expect.poll(renewals, { timeout: 5_000 }).toBe(3);
  expect([created(), adopted]).toEqual([1, []]);
});

test("credentials are replaced before their lease ends, and given back when nothing uses them any more", { tags: "slow" }, async () => {
  const { vault, env } = await aVault();
  const { settings, revoked } = vault.addDatabase({ seconds: 2, maxSeconds: 3 });
  const { secrets, adopted } = await aProcess({ ...env, ...settings }, { adopts: [] });
  const unused = Promise.withResolvers<void>();
  let calls = 0;
  secrets.onReplaced(["DATABASE_URL"], (values) => {
    adopted.push(values);
    return calls++ === 0 ? unused.promise : undefined;
  });
  await expect.poll(() => adopted.map(userOf), { timeout: 5_000 }).toEqual(["v-weft-2"]);
  expect([...vault.leases.values()].every(({ expiresAt }) => expiresAt > Date.now())).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(revoked).toEqual([]);
  unused.resolve();
  await expect.poll(() => revoked).toEqual(["v-weft-1"]);
  await secrets.stop();
  expect(vault.leases.size).toBe(0);
});

test("with another token, which an agent has written, other credentials are asked for, because the lease ends with the earlier token", async () => {
  const { vault, env } = await aVault();
  const { settings } = vault.addDatabase({ seconds: 3_600 });
  const { adopted } = await aProcess({ ...env, ...settings }, { adopts: ["DATABASE_URL"] });
  vault.addToken("hvs.second");
  writeFileSync(env.WEFT_VAULT_TOKEN_FILE, "hvs.second");
  await expect.poll(() => adopted.map(userOf)).toEqual(["v-weft-2"]);
});

test(
  "a login's token is renewed, and at the end of its longest validity Weft logs in again before credentials end with it",
  { tags: "slow" },
  async () => {
    const { vault } = await aVault();
    const { settings } = vault.addDatabase({ seconds: 3_600 });
    vault.addLogin({ mount: "approle", accepts: () => true, seconds: 2, maxSeconds: 3 });
    const login = { WEFT_VAULT_URL: vault.url, WEFT_VAULT_ROLE_ID: "weft", WEFT_VAULT_SECRET_ID_FILE: aFile("s") };
    const { adopted } = await aProcess({ ...login, ...settings }, { adopts: ["DATABASE_URL"] });
    await expect.poll(() => adopted.map(userOf), { timeout: 5_000 }).toEqual(["v-weft-2"]);
    expect(vault.requests.filter((request) => request.startsWith("POST auth/"))).toEqual([
      "POST auth/approle/login",
      "POST auth/token/renew-self",
      "POST auth/approle/login",
    ]);
  },
);

test("a secret that nothing takes over while the process runs is reported, and counted", async () => {
  const file = aFile("postgres://owner:one@db/weft");
  const { state, counts } = await aProcess({ DATABASE_OWNER_URL_FILE: file }, { adopts: [] });
  writeFileSync(file, "postgres://owner:two@db/weft");
  await expect.poll(() => state("DATABASE_OWNER_URL")?.replacements).toEqual({ adopted: 0, refused: 0, "after-restart": 1 });
  expect(counts("it is read at the next start")).toBe(1);
});
