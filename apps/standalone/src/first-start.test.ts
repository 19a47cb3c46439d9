import { ApiClient, cloneDatabase } from "@weft/testkit";
import { demoLogins } from "@weft/shared/demo";
import { generateKeys, loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { expect, test } from "vitest";
import { seedDemo } from "./seed/seed.js";
import { composeWeft } from "./weft.js";

test("the demo is seeded before the port is open: the first login succeeds", { tags: "slow", timeout: 60_000 }, async () => {
  const database = await cloneDatabase();
  const keys = generateKeys();
  const urls = { DATABASE_URL: database.appUrl, DATABASE_WORKER_URL: database.workerUrl, DATABASE_AUTH_URL: database.authUrl };
  const settings = { PORT: 0, LOG_LEVEL: "fatal", PASSWORD_MEMORY_KIB: 8, PASSWORD_PASSES: 1 };
  const config = withDatabaseUrls(loadConfig({}, { ...settings, ...urls }), keys);
  const weft = await composeWeft({ config, keys, log: createLogger(config) });
  try {
    await seedDemo(weft.services, new ApiClient("http://localhost", undefined, weft.gateway.fetch));
    expect(weft.url).toBe("");
    await weft.listen();
    const { email, password } = demoLogins[0] ?? expect.fail("The demo has no logins.");
    const query = "mutation ($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }";
    expect(await new ApiClient(weft.url).send(query, { login: email, password })).toMatchObject({
      data: { login: { accessToken: expect.any(String) as string } },
    });
  } finally {
    await weft.stop();
    await database.drop();
  }
});
