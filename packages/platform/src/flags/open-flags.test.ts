import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeId, newId } from "@weft/shared/ids";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../config/load.js";
import { createLogger } from "../logging/logger.js";
import { FileProvider } from "./file-provider.js";
import { type FlagProvider, openFlags } from "./open-flags.js";

const folder = mkdtempSync(join(tmpdir(), "weft-flags-"));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function aFile(content: unknown): string {
  const file = join(folder, `flags-${++made}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const aTenant = (tenantSlug = "acme") => ({ tenantId: newId(), tenantSlug });

const onOff = { state: "ENABLED", variants: { on: true, off: false } } as const;

async function open(env: Record<string, string>, provider?: FlagProvider) {
  const lines: string[] = [];
  const log = createLogger({ logLevel: "info" }, { write: (line: string) => void lines.push(line) });
  const flags = await openFlags({ config: loadConfig(env), log, provider });
  onTestFinished(() => flags.close());
  return { flags, lines };
}

test("without a file, each flag has its default", async () => {
  const { flags } = await open({});
  expect(await flags.isOn("rest-api", aTenant())).toBe(true);
  const all = await flags.evaluateAll(null);
  expect(all.every(({ value, default: byDefault, reason }) => value === byDefault && reason === "DEFAULT")).toBe(true);
});

test("a rule turns a flag off for one tenant, by its name or ID, in one environment", async () => {
  const [byId, other] = [aTenant("second"), aTenant("third")];
  const isTarget = {
    and: [
      { "==": [{ var: "environment" }, "staging"] },
      { or: [{ "==": [{ var: "tenant" }, "acme"] }, { "==": [{ var: "targetingKey" }, encodeId("tenant", byId.tenantId)] }] },
    ],
  };
  const file = aFile({ flags: { "rest-api": { ...onOff, defaultVariant: "on", targeting: { if: [isTarget, "off", "on"] } } } });
  const { flags } = await open({ WEFT_FLAGS_FILE: file, WEFT_FLAGS_ENVIRONMENT: "staging" });
  const values = [aTenant(), byId, other, null].map((tenant) => flags.isOn("rest-api", tenant));
  expect(await Promise.all(values)).toEqual([false, false, true, true]);
  const { flags: inProduction } = await open({ WEFT_FLAGS_FILE: file });
  expect(await inProduction.isOn("rest-api", aTenant())).toBe(true);
});

test("a share of the tenants gets a flag, each always the same value", async () => {
  const shares = {
    fractional: [
      ["on", 25],
      ["off", 75],
    ],
  };
  const { flags } = await open({
    WEFT_FLAGS_FILE: aFile({ flags: { "live-subscriptions": { ...onOff, defaultVariant: "off", targeting: shares } } }),
  });
  const tenants = Array.from({ length: 400 }, () => aTenant());
  const evaluate = () => Promise.all(tenants.map((tenant) => flags.isOn("live-subscriptions", tenant)));
  const values = await evaluate();
  const count = values.filter(Boolean).length;
  // 25 % of 400, with five standard deviations.
  expect(count).toBeGreaterThan(56);
  expect(count).toBeLessThan(144);
  expect(await evaluate()).toEqual(values);
});

test("the value of WEFT_FLAGS takes precedence over the file, and unknown flags and values are refused", async () => {
  const file = aFile({ flags: { "rest-api": { ...onOff, defaultVariant: "on" } } });
  const { flags } = await open({ WEFT_FLAGS_FILE: file, WEFT_FLAGS: "rest-api=off" });
  expect(await flags.evaluateAll(aTenant())).toContainEqual(expect.objectContaining({ key: "rest-api", value: false, reason: "STATIC" }));
  for (const text of ["rest-apis=off", "rest-api=no", "rest-api", "toString=on"])
    expect(() => loadConfig({ WEFT_FLAGS: text }), text).toThrow("WEFT_FLAGS: must be flags such as rest-api=off");
});

test("a file that is missing or not valid refuses the start", async () => {
  await expect(open({ WEFT_FLAGS_FILE: join(folder, "none.json") })).rejects.toThrow(
    /WEFT_FLAGS_FILE: .*none\.json cannot be read \(ENOENT\)/,
  );
  const invalid = aFile({ flags: { "rest-api": { state: "ON" } } });
  await expect(open({ WEFT_FLAGS_FILE: invalid })).rejects.toThrow(`WEFT_FLAGS_FILE: ${invalid} is not a valid file of flags`);
});

test("a changed file is used without a restart, and one that is not valid changes nothing", async () => {
  const file = aFile({ flags: { "rest-api": { ...onOff, defaultVariant: "on" } } });
  const provider = new FileProvider({ file, fixed: new Map(), intervalMs: 5 });
  await provider.initialize();
  onTestFinished(() => provider.onClose());
  const value = async () => (await provider.resolveBooleanEvaluation("rest-api", true, {})).value;
  writeFileSync(file, JSON.stringify({ flags: { "rest-api": { ...onOff, defaultVariant: "off" } } }));
  await expect.poll(value).toBe(false);
  writeFileSync(file, "{");
  await expect.poll(() => provider.problem).toContain("is not a valid file of flags");
  expect(await value()).toBe(false);
  writeFileSync(file, JSON.stringify({ flags: {} }));
  await expect.poll(value).toBe(true);
  expect(provider.problem).toBeNull();
});

test("a flag that is disabled has its default", async () => {
  const { flags } = await open({
    WEFT_FLAGS_FILE: aFile({ flags: { "api-variants": { ...onOff, state: "DISABLED", defaultVariant: "off" } } }),
  });
  expect(await flags.isOn("api-variants", aTenant())).toBe(true);
});

const off = { ...onOff, defaultVariant: "off" };
const mistakes: Readonly<Record<string, unknown>> = {
  "an empty file": "",
  "a file without flags": {},
  "a flag in the wrong place": { "rest-api": off },
  "a flag with another name": { flags: { "rest-apis": off } },
  "variants that are no booleans": { flags: { "rest-api": { state: "ENABLED", variants: { off: "no" }, defaultVariant: "off" } } },
  "a default that is no variant": { flags: { "rest-api": { ...off, defaultVariant: "of" } } },
  "an operator that does not exist": { flags: { "rest-api": { ...off, targeting: { iff: [true, "off"] } } } },
  "a rule with a variant that does not exist": { flags: { "rest-api": { ...off, targeting: { if: [true, "of"] } } } },
};

test.each(Object.keys(mistakes))("%s refuses the start, and turns nothing on again while Weft runs", async (name) => {
  await expect(open({ WEFT_FLAGS_FILE: aFile(mistakes[name]) })).rejects.toThrow(/WEFT_FLAGS_FILE: .* is not a valid file of flags/);
  const file = aFile({ flags: { "rest-api": off } });
  const provider = new FileProvider({ file, fixed: new Map(), intervalMs: 5 });
  await provider.initialize();
  onTestFinished(() => provider.onClose());
  const mistake = mistakes[name];
  writeFileSync(file, typeof mistake === "string" ? mistake : JSON.stringify(mistake));
  await expect.poll(() => provider.problem).toContain("is not a valid file of flags");
  expect((await provider.resolveBooleanEvaluation("rest-api", true, {})).value).toBe(false);
});

test("an installation can use a provider of its own", async () => {
  const refuse = () => Promise.reject(new Error("Weft's flags are booleans."));
  const provider: FlagProvider = {
    metadata: { name: "own" },
    resolveBooleanEvaluation: (_key, _byDefault, { tenant }) =>
      tenant === "broken" ? Promise.reject(new Error("The provider is down.")) : Promise.resolve({ value: tenant !== "acme" }),
    resolveStringEvaluation: refuse,
    resolveNumberEvaluation: refuse,
    resolveObjectEvaluation: refuse,
  };
  const { flags } = await open({ WEFT_FLAGS: "rest-api=on" }, provider);
  const values = ["acme", "other", "broken"].map((slug) => flags.isOn("rest-api", aTenant(slug)));
  expect(await Promise.all(values)).toEqual([false, true, true]);
});

test("the file of the guide turns the flags off for two organizations and three quarters of them", async () => {
  const guide = readFileSync(new URL("../../../../docs/how-to/flags.md", import.meta.url), "utf8");
  const [, content = ""] = /```json\n(.*?)```/s.exec(guide) ?? [];
  const { flags } = await open({ WEFT_FLAGS_FILE: aFile(content) });
  const ofRest = ["acme", "globex", "initech"].map((slug) => flags.isOn("rest-api", aTenant(slug)));
  expect(await Promise.all(ofRest)).toEqual([false, false, true]);
  const shares = await Promise.all(Array.from({ length: 400 }, () => flags.isOn("live-subscriptions", aTenant())));
  const count = shares.filter(Boolean).length;
  expect(count > 56 && count < 144).toBe(true);
});
