import { afterAll, beforeAll, expect, test } from "vitest";
import { brokenInvariants } from "../invariants.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { guides, runGuide, usesDemoData } from "./run-guide.js";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It checks the invariants of all tenants." })));
afterAll(() => weft.stop());

test("there is at least one guide", () => {
  expect([...guides.keys()]).toContain("approval-process.md");
});

test.each([...guides].filter(([, page]) => !usesDemoData(page)))(
  "%s works in its own tenant, each step as written",
  { tags: "slow", timeout: 60_000 },
  async (_name, page) => {
    const tenant = await weft.tenant();
    const people = new Map<string, Promise<TestUser>>();
    const reader = (name: string): Promise<TestUser> => {
      const role = name === "manager" ? "workflow_manager" : name;
      const person = people.get(role) ?? tenant.user(role);
      people.set(role, person);
      return person;
    };
    for (const name of ["manager", "requester", "approver", "operations"]) await reader(name);
    await runGuide(page, reader);
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  },
);
