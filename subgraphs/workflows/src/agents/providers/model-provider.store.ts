import { agents as tables } from "@weft/drizzle";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, asc, eq, or, sql } from "drizzle-orm";
import type { Tool } from "../agent-definition.js";
import type { Able } from "../agent-rights.js";
import type { ModelProviderRow } from "./model-provider.type.js";

const { agents, modelProviders } = tables;

/** Returns the providers of the tenant, by name. */
export const selectModelProviders = (tx: Tx): Promise<ModelProviderRow[]> =>
  named("selectModelProviders", tx.select().from(modelProviders).orderBy(asc(modelProviders.name), asc(modelProviders.id)));

export async function findModelProvider(tx: Tx, id: string): Promise<ModelProviderRow | null> {
  const [row] = await named("findModelProvider", tx.select().from(modelProviders).where(eq(modelProviders.id, id)));
  return row ?? null;
}

export const findModelProviders = (tx: Tx, ids: readonly string[]): Promise<ModelProviderRow[]> =>
  named("findModelProviders", tx.select().from(modelProviders).where(among(modelProviders.id, ids)));

export const countModelProviders = (tx: Tx): Promise<number> =>
  countRows(tx, { name: "countModelProviders", table: modelProviders, where: undefined });

export const countAgentsOfProvider = (tx: Tx, id: string): Promise<number> =>
  countRows(tx, { name: "countAgentsOfProvider", table: agents, where: eq(agents.providerId, id) });

/** Returns what agents of a provider can do. */
export const selectAbilitiesOfAgents = async (tx: Tx, id: string): Promise<Able[]> => {
  // What these ask others, and which others they ask, can change later.
  const asksOthers = sql`exists (select from ${agents} a where a.tenant_id = app.tenant() and a.provider_id = ${id}::uuid and a.tools @> '[{"kind": "AGENT"}]')`;
  const canUseApi = sql`${agents.tools} @> '[{"kind": "GRAPHQL"}]'`;
  const rows = await named(
    "selectAbilitiesOfAgents",
    tx
      .select({ tools: agents.tools, permissions: agents.permissions })
      .from(agents)
      .where(or(eq(agents.providerId, id), and(canUseApi, asksOthers))),
  );
  return rows.map(({ tools, permissions }) => ({ tools: tools as readonly Tool[], permissions }));
};

/** @throws BadUserInput if the key is taken */
export const insertModelProvider = (tx: Tx, values: typeof modelProviders.$inferInsert): Promise<ModelProviderRow> =>
  insertedRow(named("insertModelProvider", tx.insert(modelProviders).values(values).returning()), {
    model_providers_key_key: { type: "modelProvider", field: "key", value: values.key },
  });

export type ModelProviderChanges = Partial<Pick<ModelProviderRow, "name" | "baseUrl" | "secret" | "prices">>;

/** Null if the provider has changed since `version`. */
export const updateModelProviderRow = (
  tx: Tx,
  id: string,
  version: number,
  changes: ModelProviderChanges,
): Promise<ModelProviderRow | null> =>
  writtenRow(
    named(
      "updateModelProvider",
      tx
        .update(modelProviders)
        .set({ ...changes, ...nextVersion(modelProviders) })
        .where(atVersion(modelProviders, id, version))
        .returning(),
    ),
  );

/** Null if the provider has changed since `version`. */
export const deleteModelProviderRow = (tx: Tx, id: string, version: number): Promise<ModelProviderRow | null> =>
  writtenRow(
    named(
      "deleteModelProvider",
      tx
        .delete(modelProviders)
        .where(atVersion(modelProviders, id, version))
        .returning(),
    ),
  );
