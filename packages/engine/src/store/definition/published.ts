/**
 * Finds the published definition that a new instance is started from, by key or ID. For a key: the newest published version, or if there is none, the
 * newest deprecated version, which is better than none. Only versions that are in use in the environment count.
 */
import { workflows } from "@weft/drizzle";
import type { Computing } from "@weft/platform/computing";
import { named, type Tx } from "@weft/platform/db";
import { and, arrayContains, desc, eq, inArray, sql } from "drizzle-orm";
import { quote } from "../../core/model/problems.js";
import type { Machine } from "../../core/model/machine.js";
import { machinesOf, remember, type DefinitionSource } from "./machines.js";
import { weftNow } from "../model/snapshot.js";
import { orInvalid } from "./unreadable.js";

const { definitions } = workflows;

/** One of the two is required; with neither, nothing is found. */
export type PublishedRef = {
  readonly definitionKey?: string | undefined;
  readonly definitionId?: string | undefined;
  /** Environment in which it must be in use; PROD if omitted. */
  readonly environment?: EnvironmentName | undefined;
};

export type EnvironmentName = "DEV" | "STAGING" | "PROD";

/** `now` is the tenant's time, read in the same statement. */
export type Published = DefinitionSource & { readonly key: string; readonly now: string };

/** Returns the condition for versions from which new instances can be started in the environment. */
export const inUse = (environment: EnvironmentName) =>
  and(inArray(definitions.status, ["PUBLISHED", "DEPRECATED"]), arrayContains(definitions.environments, [environment]));

/** PUBLISHED sorts after DEPRECATED. */
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

/**
 * Returns why nothing can be started: where the newest version is published instead, and how it gets to the environment. Without a full stop, so that
 * callers can add an alternative.
 */
export async function whyNotPublished(tx: Tx, { definitionKey, definitionId, environment = "PROD" }: PublishedRef): Promise<string> {
  const [found] = await named(
    "findWherePublished",
    tx
      .select({ key: definitions.key, number: definitions.number, environments: definitions.environments })
      .from(definitions)
      .where(
        and(
          inArray(definitions.status, ["PUBLISHED", "DEPRECATED"]),
          definitionId === undefined ? eq(definitions.key, definitionKey ?? "") : eq(definitions.id, definitionId),
        ),
      )
      .orderBy(...newestFirst)
      .limit(1),
  );
  if (!found) {
    const name = definitionId === undefined ? `key ${quote(definitionKey ?? "")}` : "this ID";
    return `There is no published definition with ${name}. Publish one with publishDefinition, or choose another`;
  }
  const where = found.environments.join(" and ");
  return `Version ${found.number} of ${found.key} is published in ${where}, and not in ${environment}. Promote it with promoteDefinition`;
}

/** Finds definitions for many keys at once. Keys without a published version are absent. */
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

/** Returns the machine of the newest published version of a definition, or null if there is none. */
export async function findPublishedMachine(tx: Tx, tenantId: string, definitionKey: string): Promise<Machine | null> {
  const definition = await findPublished(tx, { definitionKey });
  return definition && orInvalid(() => remember(tenantId, definition));
}

/**
 * Returns machines for many keys at once. Keys without a published or readable version are absent. Two statements, or one if all machines are cached.
 */
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
