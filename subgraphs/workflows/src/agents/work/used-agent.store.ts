import { agents as tables } from "@weft/drizzle";
import type { JsonObject } from "@weft/engine";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import type { AgentLimits, ProviderKind, Tool, UsedAgent } from "../agent-definition.js";
import { priceOf } from "../prices.js";

const { agents, modelProviders } = tables;

/** Returns an active agent with its provider, as they are now. */
export async function usedAgent(tx: Tx, key: string): Promise<UsedAgent | null> {
  const [row] = await named(
    "findUsedAgent",
    tx
      .select({ agent: agents, provider: modelProviders })
      .from(agents)
      .innerJoin(modelProviders, and(eq(modelProviders.tenantId, agents.tenantId), eq(modelProviders.id, agents.providerId)))
      .where(and(eq(agents.tenantId, sql`app.tenant()`), eq(agents.key, key), eq(agents.status, "ACTIVE"))),
  );
  if (!row) return null;
  const { agent, provider } = row;
  return {
    id: agent.id,
    key: agent.key,
    version: agent.version,
    model: agent.model,
    instructions: agent.instructions,
    outputSchema: agent.outputSchema as JsonObject | null,
    tools: agent.tools as readonly Tool[],
    limits: agent.limits as unknown as AgentLimits,
    rights: { authorId: agent.authorId, permissions: agent.permissions },
    provider: usedProvider(provider),
    price: priceOf(agent.model, provider.prices),
  };
}

const usedProvider = ({ id, key, version, kind, baseUrl, secret }: typeof modelProviders.$inferSelect): UsedAgent["provider"] => ({
  id,
  key,
  version,
  kind: kind as ProviderKind,
  baseUrl,
  secret,
});

/**
 * Returns the provider with which work has begun, with the secret that it names now: a key can be replaced at any time. The secret of another URL stays
 * there. Null: it was deleted. One that was created in its place counts only with the same URL, because whoever decides where a model is asked, decides what
 * the agent does with its rights.
 */
export async function providerNow(tx: Tx, begun: UsedAgent["provider"]): Promise<UsedAgent["provider"] | null> {
  const [row] = await named(
    "findUsedProvider",
    tx
      .select()
      .from(modelProviders)
      .where(and(eq(modelProviders.tenantId, sql`app.tenant()`), eq(modelProviders.key, begun.key))),
  );
  if (!row) return null;
  if (row.baseUrl === begun.baseUrl && row.kind === begun.kind) return { ...begun, secret: row.secret };
  return begun.id === undefined || begun.id === row.id ? begun : null;
}
