/**
 * Definitions: finds published definitions and keeps their compiled machines, by tenant and definition.
 * A published definition never changes, so an entry never becomes stale. The cache is bounded by count and by the size of the sources.
 * This module never caches drafts and never moves an instance to another version.
 */
import { workflows } from "@weft/drizzle";
import type { Computing } from "@weft/platform/computing";
import { among, named, type Tx } from "@weft/platform/db";
import { LRUCache } from "lru-cache";
import type { Machine } from "../../core/model/machine.js";
import { keepsClocks } from "../../core/sla/keeps-clocks.js";
import { mapYielding } from "../model/map-yielding.js";
import { compiledTextSteps } from "./texts.js";
import { DefinitionUnreadable } from "./unreadable.js";

type Entry = { readonly machine: Machine; readonly chars: number };

/** 64 million characters of source, at most 2,000 definitions: a small share of a server's memory. */
const machines = new LRUCache<string, Entry>({
  max: 2000,
  maxSize: 64_000_000,
  sizeCalculation: (entry) => entry.chars,
  dispose: (_entry, key) => forgetKeeping(key),
});

/** By tenant, the cached definitions whose instances have SLA clocks or escalations. */
const keeping = new Map<string, Set<string>>();

/** Definitions that failed, which lists do not retry repeatedly. A write to an instance retries each time. */
const unreadable = new LRUCache<string, true>({ max: 1000, ttl: 30_000 });

const cacheKey = (tenantId: string, definitionId: string) => `${tenantId}:${definitionId}`;

/** Returns the machine if it is cached. */
export function cachedMachine(tenantId: string, definitionId: string): Machine | undefined {
  return machines.get(cacheKey(tenantId, definitionId))?.machine;
}

/** Returns the IDs of the tenant's cached definitions whose instances have SLA clocks or escalations. */
export const cachedKeepingClocks = (tenantId: string): readonly string[] => [...(keeping.get(tenantId) ?? [])];

function forgetKeeping(key: string): void {
  const [tenantId = "", definitionId = ""] = key.split(":");
  const ids = keeping.get(tenantId);
  ids?.delete(definitionId);
  if (ids?.size === 0) keeping.delete(tenantId);
}

/** Returns the machine of a published definition. Runs a statement only if it is not cached. @throws DefinitionUnreadable */
export async function machineOf(tx: Tx, tenantId: string, definitionId: string): Promise<Machine> {
  const cached = cachedMachine(tenantId, definitionId);
  if (cached) return cached;
  const [row] = await readSources(tx, [definitionId]);
  if (!row) throw new Error(`definition ${definitionId} of an instance is missing`);
  return remember(tenantId, row);
}

/** Returns the same, or null for a definition that cannot be read. */
export async function findMachine(tx: Tx, tenantId: string, definitionId: string): Promise<Machine | null> {
  try {
    return await machineOf(tx, tenantId, definitionId);
  } catch (error) {
    if (error instanceof DefinitionUnreadable) return null;
    throw error;
  }
}

/**
 * Returns machines by definition ID, with at most one statement, whatever their number. Unknown IDs are absent, and so are definitions that cannot be
 * read.
 * @param computing budget and turns of the calling operation; absent: the call belongs to a write, which compiles a text in one go
 */
export async function machinesOf(
  tx: Tx,
  tenantId: string,
  definitionIds: readonly string[],
  computing?: Computing,
): Promise<Map<string, Machine>> {
  const found = new Map<string, Machine>();
  const missing = new Set<string>();
  for (const id of definitionIds) {
    const machine = cachedMachine(tenantId, id);
    if (machine) found.set(id, machine);
    else missing.add(id);
  }
  if (missing.size > 0) {
    await mapYielding(await readSources(tx, [...missing]), async (row) => {
      const key = cacheKey(tenantId, row.id);
      const compiling = readableSteps(rememberSteps(tenantId, row));
      const machine = unreadable.has(key) ? null : computing ? await computing.runAll(compiling) : drain(compiling);
      if (machine) found.set(row.id, machine);
      else unreadable.set(key, true);
    });
  }
  return found;
}

/** What a machine is compiled from. The text is used, because jsonb does not preserve the order of states and transitions. */
export type DefinitionSource = { readonly id: string; readonly source: string; readonly format: string };

/** Caches a machine whose text was read for another reason, for example at the start of an instance. */
export const remember = (tenantId: string, source: DefinitionSource): Machine => drain(rememberSteps(tenantId, source));

/** `remember` in steps of a few milliseconds. @throws DefinitionUnreadable */
export function* rememberSteps(tenantId: string, { id, source, format }: DefinitionSource): Generator<void, Machine, void> {
  const cached = cachedMachine(tenantId, id);
  if (cached) return cached;
  const machine = yield* compileStoredSteps({ id, source, format });
  machines.set(cacheKey(tenantId, id), { machine, chars: source.length });
  if (keepsClocks(machine)) keeping.set(tenantId, (keeping.get(tenantId) ?? new Set()).add(id));
  return machine;
}

/**
 * Returns the machine of a stored text, whatever its status, in steps of a few milliseconds. Saving compiles the text, so a text that does not
 * compile is damaged, or from a version of Weft whose format this one no longer reads. @throws DefinitionUnreadable
 */
export function* compileStoredSteps({ source, format }: DefinitionSource): Generator<void, Machine, void> {
  const { result } = yield* compiledTextSteps(source, format);
  if (!result.ok) throw new DefinitionUnreadable(result.problems);
  return result.machine;
}

/** Like `remember`; null for a definition that cannot be read. */
export const rememberIfReadable = (tenantId: string, source: DefinitionSource): Machine | null =>
  drain(readableSteps(rememberSteps(tenantId, source)));

function* readableSteps(compiling: Generator<void, Machine, void>): Generator<void, Machine | null, void> {
  try {
    return yield* compiling;
  } catch (error) {
    if (error instanceof DefinitionUnreadable) return null;
    throw error;
  }
}

function drain<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

function readSources(tx: Tx, ids: string[]): Promise<DefinitionSource[]> {
  const { definitions } = workflows;
  const { id, source, format } = definitions;
  return named("readSources", tx.select({ id, source, format }).from(definitions).where(among(id, ids)));
}
