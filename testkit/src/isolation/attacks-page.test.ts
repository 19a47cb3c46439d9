import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);

test("every test referenced in docs/evidence/attacks.md exists", () => {
  const page = readFileSync(new URL("docs/evidence/attacks.md", root), "utf8");
  const named = [...page.matchAll(/`([^`]+\.ts)` › (.+?)(?=<br>| \|)/g)].map(([, file = "", name = ""]) => ({ file, name }));
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter(({ file, name }) => !readFileSync(new URL(file, root), "utf8").includes(name));
  expect(missing).toEqual([]);
});
