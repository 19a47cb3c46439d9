import { afterEach, expect, test } from "vitest";
import { escalate } from "./privilege-escalation.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";

/** Number of tenants. WEFT_ESCALATION_TENANTS=10 looks longer. */
const tenantCount = Number(process.env["WEFT_ESCALATION_TENANTS"] ?? 3);
const seeds = Array.from({ length: tenantCount }, () => Math.floor(Math.random() * 1_000_000));
let tenants: TwoTenants | undefined;

afterEach(() => tenants?.stop());

// Later sequences run on the data that earlier ones leave in a tenant: a hundred sequences in each tenant.
test.each(seeds)("100 sequences of the user's own mutations widen nothing (from seed %i)", { timeout: 900_000 }, async (seed) => {
  tenants = await startTwoTenants();
  for (let each = 0; each < 100; each++) {
    const { excess, done } = await escalate(tenants.acme, tenants.owner, seed + each);
    expect(excess, `from seed ${seed + each}, by ${done.join("\n")}`).toEqual([]);
  }
});
