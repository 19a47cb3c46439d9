import { afterEach, expect, test } from "vitest";
import { escalate } from "./privilege-escalation.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";

/** Number of tenants, and of sequences in each. WEFT_ESCALATION_TENANTS=10 and WEFT_ESCALATION_SEQUENCES=100 look longer. */
const tenantCount = Number(process.env["WEFT_ESCALATION_TENANTS"] ?? 2);
const sequenceCount = Number(process.env["WEFT_ESCALATION_SEQUENCES"] ?? 30);
const seeds = Array.from({ length: tenantCount }, () => Math.floor(Math.random() * 1_000_000));
let tenants: TwoTenants | undefined;

afterEach(() => tenants?.stop());

// Later sequences run on the data that earlier ones leave in a tenant: many sequences in each tenant.
test.each(seeds)("sequences of the user's own mutations widen nothing (from seed %i)", { timeout: 900_000 }, async (seed) => {
  tenants = await startTwoTenants();
  for (let each = 0; each < sequenceCount; each++) {
    const { excess, done } = await escalate(tenants.acme, tenants.owner, seed + each);
    expect(excess, `from seed ${seed + each}, by ${done.join("\n")}`).toEqual([]);
  }
});
