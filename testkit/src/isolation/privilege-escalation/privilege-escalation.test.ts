import { afterAll, beforeAll, expect, test } from "vitest";
import { escalate } from "./privilege-escalation.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";
import type { Fixture } from "../fixture.js";

/** Mutations that some sequences must have run for the test to be meaningful. */
const tools = ["createRole", "createUser", "updateUser", "setRolePermissions"];
const seed = Math.floor(Math.random() * 1_000_000);
let tenants: TwoTenants;

beforeAll(async () => {
  tenants = await startTwoTenants();
});
afterAll(() => tenants.stop());

test(
  `no sequence of a user's own mutations extends the rights of that user or of users they created (at least 20 sequences from seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const done = new Set<string>();
    const codes = new Set<string>();
    // Two tenants in parallel. Sequences must not run concurrently within one tenant.
    const sequencesIn = async (fixture: Fixture, from: number): Promise<void> => {
      // Continues until each of the mutations has been run, because ten sequences sometimes miss one.
      for (let each = from; each < from + 10 || (each < from + 80 && !tools.every((tool) => done.has(tool))); each++) {
        const escalated = await escalate(fixture, tenants.owner, each);
        expect(escalated.excess, `from seed ${each}, by ${escalated.done.join("\n")}`).toEqual([]);
        for (const line of escalated.done) done.add(line.split(" ")[1] ?? "");
        for (const code of escalated.codes) codes.add(code);
      }
    };
    await Promise.all([sequencesIn(tenants.acme, seed), sequencesIn(tenants.globex, seed + 80)]);
    // The sequences have an effect, and only the expected refusals occur.
    expect([...done]).toEqual(expect.arrayContaining(tools));
    expect(
      [...codes].filter((code) => !["FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT", "CONFLICT", "UNAUTHENTICATED"].includes(code)),
    ).toEqual([]);
  },
);
