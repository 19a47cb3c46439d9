import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brokenInvariants } from "../invariants.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { learnNames, readGuide, withNames } from "./read-guide.js";

const page = readFileSync(new URL("../../../../docs/guide-approval-process.md", import.meta.url), "utf8");

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft()));
afterAll(() => weft.stop());

test("the guide leads from a blank file to a process that people run, each step as it is written", async () => {
  const tenant = await weft.tenant();
  const manager = await tenant.user("workflow_manager");
  const people: Record<string, TestUser> = { manager };
  for (const role of ["requester", "approver", "operations"]) people[role] = await tenant.user(role);
  const names = new Map<string, string>();
  const operations = readGuide(page);
  expect(operations.length).toBeGreaterThan(15);
  for (const { query, by, variables, answer, file } of operations) {
    names.set("<file>", file);
    let data: unknown;
    for (const one of variables) data = await (people[by] ?? manager).run(query, withNames(one, names) as Record<string, unknown>);
    learnNames(answer, data, names);
    expect(data).toMatchObject(withNames(answer, names) as object);
  }
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
}, 60_000);
