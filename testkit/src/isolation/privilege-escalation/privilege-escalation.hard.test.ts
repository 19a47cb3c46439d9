import { afterEach, expect, test } from "vitest";
import { escalate } from "./privilege-escalation.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";

const seeds = Array.from({ length: 10 }, () => Math.floor(Math.random() * 1_000_000));
let tenants: TwoTenants | undefined;

afterEach(() => tenants?.stop());

// Later sequences run on the data that earlier ones leave in a tenant: a hundred sequences in each of ten tenants.
test.each(seeds)("100 sequences of the user's own mutations widen nothing (from seed %i)", { timeout: 900_000 }, async (seed) => {
  tenants = await startTwoTenants();
  for (let each = 0; each < 100; each++) {
    const { excess, done } = await escalate(tenants.acme, tenants.owner, seed + each);
    expect(excess, `from seed ${seed + each}, by ${done.join("\n")}`).toEqual([]);
  }
});
