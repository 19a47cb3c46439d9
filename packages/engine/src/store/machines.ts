/**
 * Compiled machines, kept by tenant and definition. A definition never changes once it is published, so an entry never goes stale;
 * drafts are not asked for here. Bounded by count and by the size of the sources, because tenants write the definitions.
 */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/shared";
import { LRUCache } from "lru-cache";
import { compile } from "../core/compile.js";
import type { Machine } from "../core/machine.js";

type Entry = { readonly machine: Machine; readonly chars: number };

/** 64 million characters of source, at most 2,000 definitions: a small share of a server's memory. */
const machines = new LRUCache<string, Entry>({ max: 2000, maxSize: 64_000_000, sizeCalculation: (entry) => entry.chars });

const cacheKey = (tenantId: string, definitionId: string) => `${tenantId}:${definitionId}`;

/** The machine when it is at hand. */
export function cachedMachine(tenantId: string, definitionId: string): Machine | undefined {
  return machines.get(cacheKey(tenantId, definitionId))?.machine;
}

/** The machine of one published definition; a statement only when it is not cached. */
export async function machineOf(tx: Tx, tenantId: string, definitionId: string): Promise<Machine> {
  const found = await machinesOf(tx, tenantId, [definitionId]);
  const machine = found.get(definitionId);
  if (!machine) throw new Error(`definition ${definitionId} of an instance is missing`);
  return machine;
}

/** Machines by definition id: at most one statement, whatever their number. Unknown ids are absent. */
export async function machinesOf(tx: Tx, tenantId: string, definitionIds: readonly string[]): Promise<Map<string, Machine>> {
  const found = new Map<string, Machine>();
  const missing = new Set<string>();
  for (const id of definitionIds) {
    const machine = cachedMachine(tenantId, id);
    if (machine) found.set(id, machine);
    else missing.add(id);
  }
  if (missing.size > 0) {
    for (const row of await readDocuments(tx, [...missing])) found.set(row.id, remember(tenantId, row.id, row.document));
  }
  return found;
}

/** Puts a machine in when its document was read for another reason, for instance at the start of an instance. */
export function remember(tenantId: string, definitionId: string, document: Record<string, unknown>): Machine {
  const cached = cachedMachine(tenantId, definitionId);
  if (cached) return cached;
  const result = compile(document);
  if (!result.ok) {
    // Publishing compiles; so this is a document from a version of Weft whose format this one no longer reads.
    throw new Error(`published definition ${definitionId} does not compile: ${result.problems.map((one) => `${one.path}: ${one.message}`).join("; ")}`);
  }
  machines.set(cacheKey(tenantId, definitionId), { machine: result.machine, chars: JSON.stringify(document).length });
  return result.machine;
}

function readDocuments(tx: Tx, ids: string[]): Promise<{ id: string; document: Record<string, unknown> }[]> {
  const { definitions } = workflows;
  return named("readDocuments", tx.select({ id: definitions.id, document: definitions.document }).from(definitions).where(among(definitions.id, ids)));
}
