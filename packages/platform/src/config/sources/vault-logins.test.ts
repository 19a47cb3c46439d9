import { expect, onTestFinished, test } from "vitest";
import { VaultServer } from "@weft/testkit/network/vault-server";
import { aFile, aProcess, userOf } from "./followed-process.fixture.js";
import { openConfig } from "./open-config.js";

async function aVault() {
  const vault = await VaultServer.start();
  onTestFinished(() => vault.close());
  vault.addToken("hvs.first");
  return { vault, env: { WEFT_VAULT_URL: vault.url, WEFT_VAULT_TOKEN_FILE: aFile("hvs.first") } };
}

/** Settings of a process that logs in with AppRole. */
function appRole(vault: VaultServer, times = { seconds: 3_600, maxSeconds: 7_200 }): Record<string, string> {
  vault.addLogin({ mount: "approle", accepts: ({ secret_id }) => secret_id === "s", ...times });
  return { WEFT_VAULT_URL: vault.url, WEFT_VAULT_ROLE_ID: "weft", WEFT_VAULT_SECRET_ID_FILE: aFile("s") };
}

const logins = (vault: VaultServer): number => vault.requests.filter((request) => request === "POST auth/approle/login").length;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

test("paths that are read at the same time share one login", async () => {
  const { vault } = await aVault();
  const paths = ["database/creds/app", "database/creds/worker", "database/creds/auth"];
  for (const path of paths) vault.addEngine(path, { seconds: 3_600, create: async () => ({ data: { url: "postgres://v:p@db/weft" } }) });
  const { secrets } = await openConfig({
    ...appRole(vault),
    DATABASE_URL_VAULT: "database/creds/app#url",
    DATABASE_WORKER_URL_VAULT: "database/creds/worker#url",
    DATABASE_AUTH_URL_VAULT: "database/creds/auth#url",
  });
  expect([logins(vault), new Set([...vault.leases.values()].map(({ token }) => token)).size]).toEqual([1, 1]);
  await secrets.stop();
  expect([vault.leases.size, [...vault.tokens.keys()]]).toEqual([0, ["hvs.first"]]);
});

test("a path that policies forbid ends neither the login nor the leases of other paths", async () => {
  const { vault } = await aVault();
  const { settings, created } = vault.addDatabase({ seconds: 3_600 });
  vault.write("secret/data/redis", { url: "redis://redis" });
  const env = { ...appRole(vault), ...settings, REDIS_URL_VAULT: "secret/data/redis#url" };
  const { adopted, state } = await aProcess(env, { adopts: ["DATABASE_URL"] });
  vault.denied.add("secret/data/redis");
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/403/);
  await settled();
  expect([logins(vault), created(), adopted, state("DATABASE_URL")?.problem]).toEqual([1, 1, [], null]);
});

test("a role that is not allowed to look at its own token logs in once because of a forbidden path, and keeps its token", async () => {
  const { vault } = await aVault();
  const { settings, created } = vault.addDatabase({ seconds: 3_600 });
  vault.write("secret/data/redis", { url: "redis://redis" });
  const env = { ...appRole(vault), ...settings, REDIS_URL_VAULT: "secret/data/redis#url" };
  const { adopted, state } = await aProcess(env, { adopts: ["DATABASE_URL"] });
  vault.denied.add("auth/token/lookup-self").add("secret/data/redis");
  await expect.poll(() => state("REDIS_URL")?.problem).toMatch(/403/);
  await settled();
  expect([logins(vault), created(), adopted]).toEqual([2, 1, []]);
});

test("when somebody has revoked the token, Weft logs in again and gets other credentials", async () => {
  const { vault } = await aVault();
  const { settings } = vault.addDatabase({ seconds: 3_600 });
  vault.write("secret/data/redis", { url: "redis://redis" });
  const env = { ...appRole(vault), ...settings, REDIS_URL_VAULT: "secret/data/redis#url" };
  const { adopted } = await aProcess(env, { adopts: ["DATABASE_URL"] });
  const [token = ""] = [...vault.leases.values()].map((lease) => lease.token);
  await vault.revokeToken(token);
  await expect.poll(() => adopted.map(userOf)).toEqual(["v-weft-2"]);
  expect(logins(vault)).toBe(2);
});

test("while a token cannot be renewed, it remains in use, and the state of each secret says why", { tags: "slow" }, async () => {
  const { vault } = await aVault();
  const { settings, created } = vault.addDatabase({ seconds: 3_600 });
  const { state } = await aProcess({ ...appRole(vault, { seconds: 3, maxSeconds: 60 }), ...settings }, { adopts: ["DATABASE_URL"] });
  vault.isSealed = true;
  await expect.poll(() => state("DATABASE_URL")?.problem, { timeout: 5_000 }).toMatch(/Vault is sealed/);
  expect((state("DATABASE_URL")?.expiresAt ?? 0) - Date.now()).toBeLessThan(3_000);
  vault.isSealed = false;
  await expect.poll(() => state("DATABASE_URL")?.problem, { timeout: 5_000 }).toBeNull();
  expect([logins(vault), created()]).toEqual([1, 1]);
});

test("a start that fails gives back what the server has created for it", async () => {
  const { vault } = await aVault();
  const { settings, revoked } = vault.addDatabase({ seconds: 3_600 });
  const env = { ...appRole(vault), ...settings, REDIS_URL_VAULT: "secret/data/missing#url" };
  await expect(openConfig(env)).rejects.toThrow("the server has no secret secret/data/missing");
  expect([revoked, [...vault.tokens.keys()]]).toEqual([["v-weft-1"], ["hvs.first"]]);
});
