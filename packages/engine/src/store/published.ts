/**
 * What a new instance is started from: a published definition, by its key or its id. Of a key the newest published version; where it has none, the newest that
 * is deprecated: that one is on its way out, and still better than none. Only what is in use in the environment counts.
 */
import { workflows } from "@weft/drizzle";
import { named, type Computing, type Tx } from "@weft/shared";
import { and, arrayContains, desc, eq, inArray, sql } from "drizzle-orm";
import type { Machine } from "../core/machine.js";
import { machinesOf, remember, type DefinitionSource } from "./machines.js";
import { weftNow } from "./snapshot.js";
import { orInvalid } from "./unreadable.js";

const { definitions } = workflows;

/** Either of the two; with neither there is nothing to find. */
export type PublishedRef = {
  readonly definitionKey?: string | undefined;
  readonly definitionId?: string | undefined;
  /** Where it must be in use; PROD when left out. */
  readonly environment?: EnvironmentName | undefined;
};

export type EnvironmentName = "DEV" | "STAGING" | "PROD";

/** `now` is the tenant's time, read with it. */
export type Published = DefinitionSource & { readonly key: string; readonly now: string };

/** What new instances may start from there. */
export const inUse = (environment: EnvironmentName) =>
  and(inArray(definitions.status, ["PUBLISHED", "DEPRECATED"]), arrayContains(definitions.environments, [environment]));

/** P comes after D. */
export const newestFirst = [desc(definitions.status), desc(definitions.number)] as const;

export async function findPublished(
  tx: Tx,
  { definitionKey, definitionId, environment = "PROD" }: PublishedRef,
): Promise<Published | null> {
  if ((definitionId ?? definitionKey) === undefined) return null;
  const query = tx
    .select({ id: definitions.id, key: definitions.key, source: definitions.source, format: definitions.format, now: weftNow })
    .from(definitions)
    .where(
      and(
        inUse(environment),
        definitionId === undefined ? undefined : eq(definitions.id, definitionId),
        definitionKey === undefined ? undefined : eq(definitions.key, definitionKey),
      ),
    )
    .orderBy(...newestFirst)
    .limit(1);
  const [definition] = await named("findPublished", query);
  return definition ?? null;
}

/** The same for many keys at once; those that nothing is published under are absent. */
export async function findAllPublished(tx: Tx, keys: readonly string[], environment: EnvironmentName): Promise<Published[]> {
  const query = tx
    .selectDistinctOn([definitions.key], {
      id: definitions.id,
      key: definitions.key,
      source: definitions.source,
      format: definitions.format,
      now: weftNow,
    })
    .from(definitions)
    .where(and(inUse(environment), sql`${definitions.key} = any(${sql.param([...keys])}::text[])`))
    .orderBy(definitions.key, ...newestFirst);
  return named("findAllPublished", query);
}

/** The machine of the newest published version of a definition, or null when there is none. */
export async function findPublishedMachine(tx: Tx, tenantId: string, definitionKey: string): Promise<Machine | null> {
  const definition = await findPublished(tx, { definitionKey });
  return definition && orInvalid(() => remember(tenantId, definition));
}

/** The same for many keys at once; those that nothing is published under, or nothing that can be read, are absent. Two statements, one when all machines are cached. */
export async function findPublishedMachines(
  tx: Tx,
  tenantId: string,
  keys: readonly string[],
  computing: Computing,
): Promise<Map<string, Machine>> {
  const query = tx
    .selectDistinctOn([definitions.key], { id: definitions.id, key: definitions.key })
    .from(definitions)
    .where(and(inUse("PROD"), sql`${definitions.key} = any(${sql.param([...keys])}::text[])`))
    .orderBy(definitions.key, ...newestFirst);
  const newest = await named("findPublishedIds", query);
  const machines = await machinesOf(
    tx,
    tenantId,
    newest.map(({ id }) => id),
    computing,
  );
  return new Map(
    newest.flatMap(({ id, key }): [string, Machine][] => {
      const machine = machines.get(id);
      return machine ? [[key, machine]] : [];
    }),
  );
}
