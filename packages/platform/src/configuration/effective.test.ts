import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { aSecondMs, until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DatabasePositions } from "../consistency/database-positions.js";
import { requireReads } from "../consistency/required-reads.js";
import type { Services } from "../services/services.js";
import { servicesWithoutDatabase } from "../testing/fixtures.js";
import { announceConfiguration, effectiveConfigOf, forgetConfigurationBy, planConfigOf } from "./effective.js";

let bare: BareDatabase;
let services: Services;
beforeAll(async () => {
  bare = await openBareDatabase();
  services = servicesWithoutDatabase(bare.databases);
});
afterAll(() => bare.close());

let version = 0;
const set = (tenantId: string, locale: string) =>
  bare.owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    values (${tenantId}, 'TENANT', ${tenantId}, ${++version}, ${bare.owner.json({ locale })}, ${tenantId}, 'm')`;
const localeOf = async (tenantId: string) => (await effectiveConfigOf(services, tenantId)).locale;

test("an unannounced change takes effect after half a second, an announced one immediately", async () => {
  const [one, other] = [(await bare.tenant()).tenantId, (await bare.tenant()).tenantId];
  expect(await localeOf(one)).toBe("en");
  expect(await localeOf(other)).toBe("en");
  await set(one, "de");
  await set(other, "fr");
  await announceConfiguration(services, other);
  expect(await localeOf(other)).toBe("fr");
  await until(async () => (await localeOf(one)) === "de", { what: "the change is seen", deadlineMs: aSecondMs });
});

test("an event from the log also drops the cached configuration, and so does an unreadable message", async () => {
  const { tenantId } = await bare.tenant();
  await localeOf(tenantId);
  await set(tenantId, "de");
  forgetConfigurationBy(services)({ type: "configuration.changed", tenantId } as never);
  expect(await localeOf(tenantId)).toBe("de");
  await set(tenantId, "fr");
  await services.pubsub.publish("configuration", "{");
  await Promise.resolve();
  expect(await localeOf(tenantId)).toBe("fr");
});

test("after a newer state is required, what was cached before is not used, for its tenant only", async () => {
  const [one, other] = [(await bare.tenant()).tenantId, (await bare.tenant()).tenantId];
  await Promise.all([localeOf(one), localeOf(other)]);
  await set(one, "de");
  const position = await new DatabasePositions(bare.databases.app).current();
  requireReads(one, position);
  const seen: string[] = [];
  bare.databases.auth.onStatement = (text) => void seen.push(text);
  expect([await localeOf(one), await localeOf(other)]).toEqual(["de", "en"]);
  requireReads(one, position);
  expect(await localeOf(one)).toBe("de");
  bare.databases.auth.onStatement = undefined;
  expect(seen).toHaveLength(1);
});

test("the configurations of many tenants requested at once are read by one statement", async () => {
  const tenants = await Promise.all(Array.from({ length: 20 }, async () => (await bare.tenant()).tenantId));
  await set(tenants[7] ?? "", "de");
  const seen: string[] = [];
  bare.databases.auth.onStatement = (text) => void seen.push(text);
  const locales = await Promise.all(tenants.flatMap((tenantId) => [localeOf(tenantId), localeOf(tenantId)]));
  bare.databases.auth.onStatement = undefined;
  expect(seen).toHaveLength(1);
  expect(locales.map((locale, at) => (locale === "de" ? at : -1)).filter((at) => at >= 0)).toEqual([14, 15]);
});

test("reads the values of a plan, and the values of a nonexistent tenant", async () => {
  expect((await planConfigOf(services, "FREE")).limits.users).toBe(25);
  expect((await planConfigOf(services, "ENTERPRISE")).limits.users).toBeNull();
  expect((await effectiveConfigOf(services, "01890009-0000-7000-8000-000000000000")).limits.users).toBeNull();
});

test("can be called inside a transaction, however few connections are available", async () => {
  const { tenantId } = await bare.tenant();
  const all = Array.from({ length: 30 }, () => bare.databases.app.begin(async () => localeOf(tenantId)));
  expect(new Set(await Promise.all(all))).toEqual(new Set(["en"]));
});
