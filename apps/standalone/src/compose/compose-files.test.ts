import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { composeFiles } from "./compose-files.js";
import type { ComposeOptions } from "./compose-files.js";
import { acceptedFile, checkSchema, howToAccept } from "./schema-check.js";
import type { SchemaCheckOptions } from "./schema-check.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "weft-compose-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const schema = (...fields: string[]): string => `type Query {\n  ${fields.join("\n  ")}\n}\n`;
const first = schema("a: Int", "b: Int!");
const withMore = schema("a: Int", "b: Int!", "c: Int");
const nullable = schema("a: Int", "b: Int");
const brokenB = "Field 'Query.b' changed type from 'Int!' to 'Int'";

const read = (name: string): string => readFileSync(join(root, name), "utf8");

async function compose(apiSchema: string, options: Partial<ComposeOptions> = {}): Promise<{ isGood: boolean; said: string }> {
  const lines: string[] = [];
  const isGood = await composeFiles({
    root,
    apiSchema,
    built: { "supergraph.graphql": `# composed\n${apiSchema}`, "vendor-portal.graphql": "type Query\n" },
    derived: {},
    mode: "write",
    today: "2026-03-01",
    say: (line) => void lines.push(line),
    ...options,
  });
  return { isGood, said: lines.join("\n") };
}
const accept = { reason: "Payloads survive another mutation's failure.", paths: [] };

async function check(apiSchema: string, options: Partial<SchemaCheckOptions> = {}): Promise<{ isGood: boolean; said: string }> {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const isGood = await checkSchema({ root, apiSchema, failsOnDangerous: false, today: "2026-03-01", say, ...options });
  return { isGood, said: lines.join("\n") };
}

describe("pnpm compose", () => {
  test("writes new files and changes that only add to the schema", async () => {
    expect(await compose(first)).toEqual({ isGood: true, said: "Wrote schema.graphql." });
    expect(read("dist/vendor-portal.graphql")).toBe("type Query\n");
    expect((await compose(withMore)).isGood).toBe(true);
    expect([read("schema.graphql"), read("dist/supergraph.graphql")]).toEqual([withMore, `# composed\n${withMore}`]);
  });

  test("writes files that follow from the schema, and fails if one is out of date", async () => {
    const derived = { "derived.ts": "1\n" };
    expect(await compose(first, { derived, mode: "check" })).toMatchObject({ isGood: false });
    expect((await compose(first, { derived })).said).toBe("Wrote schema.graphql.\nWrote derived.ts.");
    expect(await compose(first, { derived, mode: "check" })).toEqual({ isGood: true, said: "" });
    const { isGood, said } = await compose(first, { derived: { "derived.ts": "2\n" }, mode: "check" });
    expect([isGood, said]).toEqual([false, "derived.ts is out of date. Run `npx --yes pnpm compose` and commit the result."]);
    expect(read("derived.ts")).toBe("1\n");
  });

  test("fails on a breaking change, reports it and how to accept it, and writes nothing", async () => {
    await compose(first);
    const { isGood, said } = await compose(nullable);
    expect(isGood).toBe(false);
    expect(said).toBe(
      [
        "breaking   Query.b",
        `  ${brokenB} (compared with the committed schema)`,
        "  Keep it as it is, add a new element with another name, and deprecate this one.",
        `1 breaking changes are not allowed. ${howToAccept}`,
      ].join("\n"),
    );
    expect([read("schema.graphql"), read("dist/supergraph.graphql")]).toEqual([first, `# composed\n${first}`]);
  });

  test("records an accepted change with its reason and date, in addition to earlier ones", async () => {
    await compose(first);
    expect((await compose(nullable, { accept })).isGood).toBe(true);
    expect(read("schema.graphql")).toBe(nullable);
    await compose(schema("a: Int"), { accept: { ...accept, reason: "Nobody has used it for a year." }, today: "2026-03-02" });
    expect(JSON.parse(read(acceptedFile))).toEqual([
      { reason: accept.reason, date: "2026-03-01", changes: [brokenB] },
      { reason: "Nobody has used it for a year.", date: "2026-03-02", changes: ["Field 'b' was removed from object type 'Query'"] },
    ]);
  });

  test("accepts changes by the names of their elements, each with its own reason", async () => {
    await compose(first);
    const changed = schema("c: Int");
    const one = await compose(changed, { accept: { reason: "Nobody uses a.", paths: ["Query.a"] } });
    expect(one.isGood).toBe(false);
    expect(one.said).toMatch(/^Recorded 1 breaking changes .*\nbreaking   Query\.b\n/);
    expect(read("schema.graphql")).toBe(first);
    expect((await compose(changed, { accept: { reason: "Nobody uses b.", paths: ["Query.b"] } })).isGood).toBe(true);
    expect(read("schema.graphql")).toBe(changed);
    await expect(compose(changed, { accept: { reason: "Nobody uses d.", paths: ["Query.d"] } })).rejects.toThrow("at Query.d");
  });

  test("requires a meaningful reason and a valid list of accepted changes", async () => {
    await compose(first);
    await expect(compose(nullable, { accept: { ...accept, reason: "ok" } })).rejects.toThrow("must give the reason");
    expect(read("schema.graphql")).toBe(first);
    writeFileSync(join(root, acceptedFile), `[{"changes": ["${brokenB}"]}]`);
    await expect(compose(nullable)).rejects.toThrow(/schema\.accepted\.json is not valid: 0\.date/);
  });
});

test("pnpm check fails on an outdated schema and passes with the current one; the files that are not committed need not exist", async () => {
  await compose(first);
  rmSync(join(root, "dist"), { recursive: true });
  expect(await compose(first, { mode: "check" })).toEqual({ isGood: true, said: "" });
  expect(await compose(withMore, { mode: "check" })).toMatchObject({
    isGood: false,
    said: expect.stringContaining("schema.graphql is out of date") as string,
  });
  expect(read("schema.graphql")).toBe(first);
});

describe("pnpm schema:check", () => {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
  const commit = (): void => {
    git("add", "-A");
    git("commit", "-qm", "x");
  };

  test("lists a breaking, a dangerous and a safe change with their paths, and fails for the breaking one only", async () => {
    await compose("type Query {\n  a: Int\n  b: E\n}\n\nenum E {\n  ONE\n}\n");
    const safe = "type Query {\n  a: Int\n  b: E\n  c: Int\n}\n\nenum E {\n  ONE\n}\n";
    const dangerous = safe.replace("ONE", "ONE\n  TWO");
    const breaking = dangerous.replace("  a: Int\n", "");
    expect(await check(safe)).toEqual({
      isGood: true,
      said: "safe       Query.c: Field 'c' was added to object type 'Query'\n0 breaking changes, of which 0 are not allowed; 0 dangerous; 1 safe.",
    });
    const second = await check(dangerous);
    expect(second.isGood).toBe(true);
    expect(second.said.split("\n").map((line) => line.slice(0, 18))).toContain("dangerous  E.TWO");
    expect(await check(dangerous, { failsOnDangerous: true })).toMatchObject({ isGood: false });
    const third = await check(breaking);
    expect(third.isGood).toBe(false);
    expect(third.said).toMatch(
      /^breaking   Query\.a\n[^]*\ndangerous  E\.TWO\n[^]*\nsafe       Query\.c: [^]*\n1 breaking changes, of which 1 are not/,
    );
    expect(third.said).toContain("Keep it, and deprecate it");
  });

  test("fails on a branch with commits that break clients of the main branch, although the committed schema includes the change", async () => {
    git("init", "-q", "-b", "main");
    await compose(first);
    commit();
    git("checkout", "-qb", "work");
    writeFileSync(join(root, "schema.graphql"), nullable);
    commit();
    expect(await check(nullable)).toMatchObject({
      isGood: false,
      said: expect.stringMatching(/^breaking {3}Query\.b\n.*\(compared with the main branch \(\w{10}\)\)/) as string,
    });
    expect((await compose(nullable, { accept })).isGood).toBe(true);
    expect(await check(nullable)).toMatchObject({ isGood: true, said: expect.stringContaining(`Accepted: ${accept.reason}`) as string });
  });

  test("compares with the latest release once there is one, including on the main branch", async () => {
    git("init", "-q", "-b", "main");
    await compose(first);
    commit();
    git("tag", "v1.0.0");
    await compose(withMore);
    commit();
    const { said } = await check(schema("a: Int", "c: Int"));
    expect(said).toContain("Field 'b' was removed from object type 'Query' (compared with the committed schema)");
    writeFileSync(join(root, "schema.graphql"), schema("a: Int", "c: Int"));
    expect((await check(schema("a: Int", "c: Int"))).said).toContain("(compared with the release v1.0.0)");
    // Elements that were never released can be removed, but not elements of the schema used for comparison.
    await compose(withMore);
    expect((await check(first)).said).toContain("Field 'c' was removed from object type 'Query' (compared with the committed schema)");
  });

  test("a deprecation counts only if the release has it, too: the committed schema alone does not make a removal allowed", async () => {
    const deprecated = schema("a: Int", 'b: Int! @deprecated(reason: "Use a. Removed after 2026-02-28.")');
    git("init", "-q", "-b", "main");
    await compose(first);
    commit();
    git("tag", "v1.0.0");
    await compose(deprecated);
    commit();
    expect(await check(schema("a: Int"))).toMatchObject({
      isGood: false,
      said: expect.stringContaining("(compared with the release v1.0.0)") as string,
    });
    git("tag", "v1.1.0");
    expect(await check(schema("a: Int"))).toMatchObject({
      isGood: true,
      said: expect.stringContaining("Allowed: It was deprecated until 2026-02-28.") as string,
    });
  });

  test("compares with another schema on request, such as that of the version that an installation runs", async () => {
    await compose(withMore);
    const { isGood, said } = await check(withMore, { against: { what: "old.graphql", sdl: schema("a: Int!") } });
    expect([isGood, said]).toEqual([
      false,
      expect.stringContaining("Field 'Query.a' changed type from 'Int!' to 'Int' (compared with old.graphql)"),
    ]);
  });
});
