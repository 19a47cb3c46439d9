import { expect, test } from "vitest";
import { resolveConfiguration, toEffectiveConfig } from "./resolve.js";
import type { ConfigurationLayer } from "./resolve.js";
import { configurationSchema } from "./schema.js";
import type { ConfigurationLevel, SchemaNode } from "./schema.js";
import { configurationSettings, documentOf, settingAt, valuesOf } from "./settings.js";

const layer = (level: ConfigurationLevel, document: object): ConfigurationLayer => ({
  level,
  version: 1,
  document: document as Record<string, unknown>,
  authorId: null,
  message: "m",
  createdAt: "2026-01-01T00:00:00Z",
});

const valueOf = (path: string, ...layers: ConfigurationLayer[]) => {
  const found = resolveConfiguration(layers).find((each) => each.path === path);
  return found && [found.value, found.source?.level ?? null];
};

test("by default every setting has its default value, and no feature is on", () => {
  const config = toEffectiveConfig([]);
  expect(config).toMatchObject({
    features: {},
    limits: { users: null, operationsPerMinute: null },
    security: {
      passwordMinLength: 8,
      passwordHistory: 0,
      fourEyesPublishing: false,
      publishToDevOnly: false,
      sessionLifetimeHours: 2160,
      sessionIdleHours: 336,
      secondFactor: "OPTIONAL",
      stepUpMinutes: 15,
    },
    retention: { archivedTenantDays: 30, idempotencyKeyHours: 48, triggerRunDays: 90, webhookDeliveryDays: 30, inboundMessageDays: 30 },
    timeZone: "UTC",
    workingHours: { monday: [{ from: "09:00", to: "17:00" }], sunday: [] },
    holidays: [],
  });
  expect(config.isSet("security.passwordMinLength")).toBe(false);
});

test("the narrowest level wins, a list is replaced as a whole, and the order of the layers does not matter", () => {
  const layers = [
    layer("TEAM", { locale: "fr" }),
    layer("PLATFORM", { locale: "en-GB", timeZone: "Europe/London", holidays: [{ date: "2026-01-01", name: "A" }] }),
    layer("TENANT", { locale: "de", holidays: [] }),
  ];
  expect(valueOf("locale", ...layers)).toEqual(["fr", "TEAM"]);
  expect(valueOf("timeZone", ...layers)).toEqual(["Europe/London", "PLATFORM"]);
  expect(valueOf("holidays", ...layers)).toEqual([[], "TENANT"]);
});

test("null is a value, and an absent key falls back to the next level", () => {
  const layers = [layer("PLAN", { limits: { users: 5, definitions: 3 } }), layer("CONTRACT", { limits: { users: null } })];
  expect(valueOf("limits.users", ...layers)).toEqual([null, "CONTRACT"]);
  expect(valueOf("limits.definitions", ...layers)).toEqual([3, "PLAN"]);
});

test("the strictest login rules apply: a tenant can tighten but never loosen them", () => {
  const platform = layer("PLATFORM", { security: { passwordMinLength: 12, sessionLifetimeHours: 24 } });
  const laxer = layer("TENANT", { security: { passwordMinLength: 8, sessionLifetimeHours: 100 } });
  const stricter = layer("TENANT", { security: { passwordMinLength: 16, sessionLifetimeHours: 8 } });
  expect(valueOf("security.passwordMinLength", platform, laxer)).toEqual([12, "PLATFORM"]);
  expect(valueOf("security.sessionLifetimeHours", platform, laxer)).toEqual([24, "PLATFORM"]);
  expect(valueOf("security.passwordMinLength", platform, stricter)).toEqual([16, "TENANT"]);
  const [four, two] = [true, false].map((fourEyesPublishing) => ({ security: { fourEyesPublishing } }));
  expect(valueOf("security.fourEyesPublishing", layer("CONTRACT", four ?? {}), layer("TENANT", two ?? {}))).toEqual([true, "CONTRACT"]);
  expect(valueOf("security.fourEyesPublishing", layer("CONTRACT", two ?? {}), layer("TENANT", four ?? {}))).toEqual([true, "TENANT"]);
  expect(valueOf("security.sessionLifetimeHours", platform, stricter)).toEqual([8, "TENANT"]);
  const [required, optional] = ["REQUIRED", "OPTIONAL"].map((secondFactor) => ({ security: { secondFactor } }));
  expect(valueOf("security.secondFactor", layer("PLATFORM", required ?? {}), layer("TENANT", optional ?? {}))).toEqual([
    "REQUIRED",
    "PLATFORM",
  ]);
  expect(valueOf("security.secondFactor", layer("PLATFORM", optional ?? {}), layer("TENANT", required ?? {}))).toEqual([
    "REQUIRED",
    "TENANT",
  ]);
});

test("ignores a value that a level cannot set, even if an old document contains it", () => {
  expect(valueOf("limits.users", layer("TENANT", { limits: { users: 1_000_000 }, unknown: 1 }))).toEqual([null, null]);
  expect(valueOf("features.everything", layer("TEAM", { features: { everything: true } }))).toBeUndefined();
  expect(valueOf("features.everything", layer("PLAN", { features: { everything: true } }))).toEqual([true, "PLAN"]);
});

test("documents and values by path are equivalent", () => {
  const document = { features: { a: true }, limits: { users: null }, workingHours: { monday: [] }, locale: "de" };
  expect(documentOf(valuesOf(document))).toEqual(document);
  expect(valuesOf({ features: {}, security: "text", locale: { a: 1 } })).toEqual(new Map([["locale", { a: 1 }]]));
  expect(settingAt("constructor")).toBeUndefined();
});

test("every value of the schema has a title, a description, its levels, and a default unless it is a map", () => {
  const leaves = (node: SchemaNode): SchemaNode[] =>
    node["x-weft-levels"] ? [node] : node.properties ? Object.values(node.properties).flatMap(leaves) : [node];
  for (const leaf of leaves(configurationSchema)) {
    expect([leaf.title, leaf["x-weft-levels"], leaf.description]).toEqual([expect.any(String), expect.any(Array), expect.any(String)]);
    expect("default" in leaf || typeof leaf.additionalProperties === "object").toBe(true);
  }
  expect(configurationSettings.length).toBe(leaves(configurationSchema).length);
});
