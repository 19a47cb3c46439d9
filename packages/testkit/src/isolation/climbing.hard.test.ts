import { afterEach, expect, test } from "vitest";
import { climb } from "./climbing.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";

const seeds = Array.from({ length: 10 }, () => Math.floor(Math.random() * 1_000_000));
let tenants: TwoTenants | undefined;

afterEach(() => tenants?.stop());

// What sequences leave behind in a tenant, later ones find: a hundred in each of ten.
test.each(seeds)("100 sequences of own mutations widen nothing (from seed %i)", { timeout: 900_000 }, async (seed) => {
  tenants = await startTwoTenants();
  for (let each = 0; each < 100; each++) {
    const { excess, done } = await climb(tenants.acme, tenants.owner, seed + each);
    expect(excess, `from seed ${seed + each}, by ${done.join("\n")}`).toEqual([]);
  }
});
