/** Reads the policies of a tenant. */
import { sla } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { asc, isNull } from "drizzle-orm";
import { LRUCache } from "lru-cache";
import { readPolicy, type SlaPolicy } from "../../core/sla/policy.js";

const { slaPolicies } = sla;

export type SlaPolicyRow = typeof slaPolicies.$inferSelect;

/** By ID and version. Null: this version of Weft cannot read it, so it never applies. It was readable when it was saved. */
const compiled = new LRUCache<string, { readonly policy: SlaPolicy | null }>({ max: 2_000 });

/** Returns the policies in the order in which they are tried. */
export async function selectPolicies(tx: Tx): Promise<SlaPolicy[]> {
  const query = tx.select().from(slaPolicies).where(isNull(slaPolicies.deletedAt)).orderBy(asc(slaPolicies.position), asc(slaPolicies.id));
  return (await named("selectSlaPolicies", query)).flatMap((row) => {
    const policy = compiledOf(row);
    return policy ? [policy] : [];
  });
}

function compiledOf(row: SlaPolicyRow): SlaPolicy | null {
  const key = `${row.id} ${row.version}`;
  const known = compiled.get(key) ?? { policy: readPolicy(row).policy };
  compiled.set(key, known);
  return known.policy;
}
