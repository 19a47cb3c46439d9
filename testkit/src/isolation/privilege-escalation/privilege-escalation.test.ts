import { randomInt } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { sized } from "../../sizes.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";
import { escalate } from "./privilege-escalation.js";

const everyTool = ["createRole", "createUser", "updateUser", "setRolePermissions"];
/** Mutations that some sequences must have run for the test to be meaningful. A sample is too small to contain all of them. */
const tools = sized({ sample: [], part: everyTool, whole: everyTool });
const sequences = sized({ sample: 2, part: 4, whole: 60 });
/** Set SEED to repeat a run that failed. */
const wanted = process.env["SEED"];
const draw = (): number => randomInt(1_000_000);
const seeds = wanted === undefined ? sized({ sample: [1], part: [draw()], whole: [draw(), draw(), draw()] }) : [Number(wanted)];
let tenants: TwoTenants | undefined;

afterEach(() => tenants?.stop());

// Later sequences run on the data that earlier ones leave in a tenant: many sequences in each tenant.
test.each(seeds)(
  "no sequence of a user's own mutations extends the rights of that user or of users they created (from seed %i)",
  { timeout: sized({ part: 600_000, whole: 1_800_000 }) },
  async (seed) => {
    const started = await startTwoTenants();
    tenants = started;
    const done = new Set<string>();
    const codes = new Set<string>();
    for (let each = seed; each < seed + sequences || (each < seed + 300 && !tools.every((tool) => done.has(tool))); each++) {
      const escalated = await escalate(started.acme, started.owner, each);
      expect(escalated.excess, `from seed ${each}, by ${escalated.done.join("\n")}`).toEqual([]);
      for (const line of escalated.done) done.add(line.split(" ")[1] ?? "");
      for (const code of escalated.codes) codes.add(code);
    }
    // The sequences have an effect, and only the expected refusals occur.
    expect(done.size).toBeGreaterThan(0);
    expect([...done]).toEqual(expect.arrayContaining(tools));
    const expected = ["FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT", "CONFLICT", "UNAUTHENTICATED"];
    expect([...codes].filter((code) => !expected.includes(code))).toEqual([]);
  },
);
