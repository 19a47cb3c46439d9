import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";
import type { ReceivedWebhook } from "./receiver-page.js";

const received: ReceivedWebhook[] = [];
let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { gateway: () => ({ receiver: () => received }) });
});
afterAll(() => weft.stop());

test("the page shows what the receiver got, and whether the signature was valid, without running anything", async () => {
  const read = () => fetch(`${weft.url}/receiver`);
  expect(await (await read()).text()).toContain("Nothing was received yet");
  const receivedAt = new Date("2026-03-01T09:30:00Z");
  received.unshift({ receivedAt, id: "evt_1", isVerified: true, body: '{"data":"<script>alert(1)</script>"}' });
  received.unshift({ receivedAt, id: "<b>evt_2</b>", isVerified: false, body: "not JSON" });
  const page = await read();
  const html = await page.text();
  expect(html).toMatch(/2026-03-01 09:30:00 UTC<\/time><td>Refused<td>&lt;b&gt;evt_2.*\n.*<td>Verified<td>evt_1/);
  expect(html).not.toContain("<script");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
});
