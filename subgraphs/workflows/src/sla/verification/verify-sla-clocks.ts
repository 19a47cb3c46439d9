/** Recounts the SLA clocks of a tenant from its log of events. For operators. */
import { verifyClocks, type Verified } from "@weft/engine";
import { asTenant } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";

/** Instances that one transaction recounts. */
const PER_PAGE = 200;

/** Returns how many clocks and entries there are, and each value that is not what the events result in. Writes nothing. */
export async function verifySlaClocks({ databases }: Pick<Services, "databases">, tenantId: string): Promise<Omit<Verified, "last">> {
  let [clocks, entries] = [0, 0];
  const differences: Verified["differences"][number][] = [];
  let after: string | null = null;
  do {
    const page: Verified = await asTenant(databases.app, { tenantId }, "read", (tx) => verifyClocks(tx, { after, limit: PER_PAGE }));
    clocks += page.clocks;
    entries += page.entries;
    differences.push(...page.differences);
    after = page.last;
  } while (after !== null);
  return { clocks, entries, differences };
}
