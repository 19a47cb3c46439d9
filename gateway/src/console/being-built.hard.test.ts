import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloneDatabase } from "@weft/testkit";
import { openBrowser } from "@weft/testkit/browser/open-browser";
import { expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";

test("the page of a console that is being built opens it as soon as it is there, with the query of the link, also from a link with a fragment", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-console-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const weft = await startTestGateway(await cloneDatabase(), { gateway: () => ({ consoleSite: folder, buildConsole: () => undefined }) });
  onTestFinished(() => weft.stop());
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.page();
  await page.goto(`${weft.url}/console/inbox?queue="team"&resume#main`);
  await page.untilText("h1", "The console is not ready yet");
  writeFileSync(join(folder, "index.html"), "<!doctype html><h1>Inbox</h1>");
  writeFileSync(join(folder, "build.json"), JSON.stringify({ fingerprint: "one", files: ["index.html"] }));
  await page.untilText("h1", "Inbox");
  expect(new URL(page.url()).search).toBe("?queue=%22team%22&resume");
});
