import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("resolves modules as node does without it, and loads them once", { tags: "slow" }, () => {
  const drizzle = join(createRequire(import.meta.filename).resolve("drizzle-orm"), "..");
  const folder = mkdtempSync(join(tmpdir(), "weft-resolution-"));
  try {
    mkdirSync(join(folder, "dist"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(drizzle, join(folder, "node_modules", "drizzle-orm"));
    const [one, other] = [join(folder, "dist", "one.mjs"), join(folder, "dist", "other.mjs")];
    writeFileSync(other, 'export { is } from "drizzle-orm"; export { PgTable, pgTable } from "drizzle-orm/pg-core";');
    writeFileSync(
      one,
      `import { PgTable, pgTable } from "drizzle-orm/pg-core"; import * as other from "./other.mjs"; import { createRequire } from "node:module";
       console.log(import.meta.resolve("drizzle-orm"), import.meta.resolve("drizzle-orm/pg-core"), createRequire(import.meta.url).resolve("drizzle-orm"));
       console.log(other.PgTable === PgTable, other.is(pgTable("t", {}), PgTable));`,
    );
    const run = (...args: string[]) => execFileSync(process.execPath, [...args, one], { encoding: "utf8" });
    const found = run("--import", new URL("short-resolution.ts", import.meta.url).href);
    expect(found).toBe(run());
    expect(found).toMatch(/pg-core\/index\.js .*index\.cjs\ntrue true\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
