import { describeRules } from "@weft/shared";
import type { Subgraph } from "@weft/shared";
import { expect, test, vi } from "vitest";

const load = {
  identity: async () => (await import("@weft/identity")).identitySubgraph(),
  workflows: async () => (await import("@weft/workflows")).workflowsSubgraph(),
  requests: async () => (await import("@weft/requests")).requestsSubgraph(),
  vendors: async () => (await import("@weft/vendors")).vendorsSubgraph(),
  audit: async () => (await import("@weft/audit")).auditSubgraph(),
};

/** As in a new process: evaluates the modules again, and discards what type-graphql has collected. */
async function alone(name: keyof typeof load): Promise<Subgraph> {
  vi.resetModules();
  delete (globalThis as { TypeGraphQLMetadataStorage?: unknown }).TypeGraphQLMetadataStorage;
  return load[name]();
}

test("the five subgraphs are the same whether they are built in one process, in any order, or separately", async () => {
  const names = Object.keys(load) as (keyof typeof load)[];
  const separately = new Map<string, { sdl: string; rules: string }>();
  for (const name of names) {
    const subgraph = await alone(name);
    separately.set(subgraph.name, { sdl: subgraph.sdl, rules: describeRules(subgraph) });
  }
  for (const order of [names, names.toReversed()]) {
    await alone("vendors");
    for (const name of order) {
      const subgraph = await load[name]();
      expect(subgraph.sdl).toBe(separately.get(name)?.sdl);
      expect(describeRules(subgraph)).toBe(separately.get(name)?.rules);
    }
  }
});
