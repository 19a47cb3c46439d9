import { afterAll, beforeAll, expect, test } from "vitest";
import { climb } from "./climbing.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import type { World } from "./world.js";

/** What some sequences must have done, for the others to say something. */
const tools = ["createRole", "createUser", "updateUser", "setRolePermissions"];
const seed = Math.floor(Math.random() * 1_000_000);
let tenants: TwoTenants;

beforeAll(async () => {
  tenants = await startTwoTenants();
});
afterAll(() => tenants.stop());

test(
  `no sequence of own mutations widens what somebody, or whom he made, may do (40 sequences or more from seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const done = new Set<string>();
    const codes = new Set<string>();
    // Two tenants beside each other: within one, a sequence must not meet another.
    const sequencesIn = async (world: World, from: number): Promise<void> => {
      // As many more as it takes until each of them was done: twenty miss one now and then.
      for (let each = from; each < from + 20 || (each < from + 80 && !tools.every((tool) => done.has(tool))); each++) {
        const climbed = await climb(world, tenants.owner, each);
        expect(climbed.excess, `from seed ${each}, by ${climbed.done.join("\n")}`).toEqual([]);
        for (const line of climbed.done) done.add(line.split(" ")[1] ?? "");
        for (const code of climbed.codes) codes.add(code);
      }
    };
    await Promise.all([sequencesIn(tenants.acme, seed), sequencesIn(tenants.globex, seed + 80)]);
    // The sequences do something, and are refused in the ways that are meant.
    expect([...done]).toEqual(expect.arrayContaining(tools));
    expect(
      [...codes].filter((code) => !["FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT", "CONFLICT", "UNAUTHENTICATED"].includes(code)),
    ).toEqual([]);
  },
);
