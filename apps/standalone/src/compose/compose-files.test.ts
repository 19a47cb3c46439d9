import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acceptedFile, composeFiles } from "./compose-files.js";
import type { ComposeOptions } from "./compose-files.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "weft-compose-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const schema = (...fields: string[]): string => `type Query {\n  ${fields.join("\n  ")}\n}\n`;
const first = schema("a: Int", "b: Int!");
const withMore = schema("a: Int", "b: Int!", "c: Int");
const nullable = schema("a: Int", "b: Int");
const brokenB = "Query.b changed type from Int! to Int.";

const read = (name: string): string => readFileSync(join(root, name), "utf8");

async function compose(apiSchema: string, options: Partial<ComposeOptions> = {}): Promise<{ isGood: boolean; said: string }> {
  const lines: string[] = [];
  const isGood = await composeFiles({
    root,
    apiSchema,
    built: { "supergraph.graphql": `# composed\n${apiSchema}`, "vendor-portal.graphql": "type Query\n" },
    derived: {},
    mode: "write",
    say: (line) => void lines.push(line),
    ...options,
  });
  return { isGood, said: lines.join("\n") };
}
const accept = { reason: "Payloads survive another mutation's failure.", date: "2026-03-01" };

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
    expect(said).toMatch(
      /^Breaking change compared with the committed schema: Query\.b changed type from Int! to Int\.\n1 breaking changes .*pnpm compose --accept/,
    );
    expect([read("schema.graphql"), read("dist/supergraph.graphql")]).toEqual([first, `# composed\n${first}`]);
    expect(await compose(nullable, { mode: "check" })).toMatchObject({ isGood: false });
  });

  test("records an accepted change with its reason and date, in addition to earlier ones", async () => {
    await compose(first);
    expect((await compose(nullable, { accept })).isGood).toBe(true);
    expect(read("schema.graphql")).toBe(nullable);
    await compose(schema("a: Int"), { accept: { reason: "Nobody has used it for a year.", date: "2026-03-02" } });
    expect(JSON.parse(read(acceptedFile))).toEqual([
      { reason: accept.reason, date: "2026-03-01", changes: [brokenB] },
      { reason: "Nobody has used it for a year.", date: "2026-03-02", changes: ["Query.b was removed."] },
    ]);
  });

  test("requires a meaningful reason and a valid list of accepted changes", async () => {
    await compose(first);
    await expect(compose(nullable, { accept: { ...accept, reason: "ok" } })).rejects.toThrow("must give the reason");
    expect(read("schema.graphql")).toBe(first);
    writeFileSync(join(root, acceptedFile), `[{"changes": ["${brokenB}"]}]`);
    await expect(compose(nullable)).rejects.toThrow(/schema\.accepted\.json is not valid: 0\.date/);
  });
});

describe("pnpm check", () => {
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

  test("fails on an outdated schema and passes with the current one; the files that are not committed need not exist", async () => {
    await compose(first);
    rmSync(join(root, "dist"), { recursive: true });
    expect(await compose(first, { mode: "check" })).toEqual({ isGood: true, said: "" });
    expect(await compose(withMore, { mode: "check" })).toMatchObject({
      isGood: false,
      said: expect.stringContaining("schema.graphql is out of date") as string,
    });
    expect(read("schema.graphql")).toBe(first);
  });

  test("fails on a branch with commits that break clients of the main branch, although the committed schema includes the change", async () => {
    git("init", "-q", "-b", "main");
    await compose(first);
    commit();
    git("checkout", "-qb", "work");
    writeFileSync(join(root, "schema.graphql"), nullable);
    commit();
    expect(await compose(nullable, { mode: "check" })).toMatchObject({
      isGood: false,
      said: expect.stringMatching(/^Breaking change compared with the main branch \(\w{10}\): Query\.b/) as string,
    });
    expect((await compose(nullable, { accept })).isGood).toBe(true);
    expect(await compose(nullable, { mode: "check" })).toEqual({ isGood: true, said: "" });
  });

  test("compares with the latest release once there is one, including on the main branch", async () => {
    git("init", "-q", "-b", "main");
    await compose(first);
    commit();
    git("tag", "v1.0.0");
    await compose(withMore);
    commit();
    const { said } = await compose(schema("a: Int", "c: Int"), { mode: "check" });
    expect(said).toContain("Breaking change compared with the release v1.0.0: Query.b was removed.");
    // Elements that were never released can be removed, but not elements of the schema used for comparison.
    expect((await compose(first, { mode: "check" })).said).toContain(
      "Breaking change compared with the committed schema: Query.c was removed.",
    );
  });
});
