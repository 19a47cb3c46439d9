import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { expect, test } from "vitest";
import { openTenant, startSite } from "./services.js";

test("the site of the benchmarks has every setting that production needs, and serves a tenant", async () => {
  const site = await startSite();
  const { env, services } = site;
  try {
    const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
    const weft = await startWeft({ config, keys: services.keys, log: services.log });
    try {
      const { admin } = await openTenant(services, weft.url, "bench");
      expect(await admin.run("{ me { name } }")).toEqual({ me: { name: "Ada Admin" } });
    } finally {
      await weft.stop();
    }
  } finally {
    await site.remove();
  }
});
