import { postgres } from "@weft/pg-driver";
import { drizzle } from "drizzle-orm/postgres-js";
import { expect, test } from "vitest";
import type { DrizzleSql } from "./fast-session.js";
import { leaveToDrizzle } from "./left-to-drizzle.js";

test("leaves to drizzle what drizzle's own function does", () => {
  // Pools connect when they are used.
  const [ours, theirs, untouched] = [postgres(), postgres(), postgres()];
  leaveToDrizzle(ours);
  drizzle(theirs as unknown as DrizzleSql);
  const changed = (kind: "parsers" | "serializers", { options }: typeof ours): string[] =>
    Object.entries(options[kind])
      .filter(([type, convert]) => untouched.options[kind][Number(type)] !== convert)
      .map(([type, convert]) => `${type} ${String(convert("unchanged"))}`);
  for (const kind of ["parsers", "serializers"] as const) {
    expect(changed(kind, ours)).toEqual(changed(kind, theirs));
    expect(changed(kind, ours).length).toBeGreaterThan(7);
  }
});
