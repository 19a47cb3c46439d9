import { newId } from "@weft/shared/ids";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "@weft/api/subgraph";
import { GraphQLSchema } from "graphql";
import { expect, test } from "vitest";
import { everythingViewer } from "../tenants/viewer.js";
import { hostSubgraphs } from "./subgraph-host.js";

const subgraph = (name: string): Subgraph => ({
  name,
  sdl: "",
  schema: new GraphQLSchema({}),
  rules: [],
  execute: async () => ({ data: { from: name } }),
});

test("each hosted subgraph answers health probes with its name, so that a slow call does not make a gateway refuse all others", async () => {
  // No call of this test uses a service.
  const host = await hostSubgraphs([subgraph("a"), subgraph("b")], {} as Services, everythingViewer(newId()));
  try {
    for (const name of ["a", "b"]) {
      const health = await fetch(new URL("/health/live", host.urlOf(name)));
      expect(await health.json()).toEqual({ status: "live", subgraph: name });
      const answer = await fetch(host.urlOf(name), { method: "POST", body: JSON.stringify({ query: "{ from }" }) });
      expect(await answer.json()).toEqual({ data: { from: name } });
    }
  } finally {
    await host.close();
  }
});
