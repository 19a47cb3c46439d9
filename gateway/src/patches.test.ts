import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { survivors } from "@weft/testkit/cost/survivors";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { composeSupergraph } from "./federation/federation.js";

// What the patches of @apollo/server and @opentelemetry/api fix: each operation stayed in memory until the next full garbage collection.

interface Context {
  readonly held: ArrayBuffer;
}

type Gateway = NonNullable<ConstructorParameters<typeof ApolloServer<Context>>[0]["gateway"]>;

const require = createRequire(import.meta.url);
const commonJs = require("@apollo/server") as { readonly ApolloServer: typeof ApolloServer };

test.each([
  ["ES module", ApolloServer],
  ["CommonJS", commonJs.ApolloServer],
])(
  "the next minor collection frees the objects of a gateway's operation (@apollo/server as %s)",
  { tags: "slow" },
  async (_name, Server) => {
    const schema = buildSchema("type Query { one: Int }");
    const gateway: Gateway = {
      load: () => Promise.resolve({ schema, executor: () => Promise.resolve({ data: { one: 1 } }) }),
      onSchemaLoadOrUpdate: (listener) => {
        listener({ apiSchema: schema, coreSupergraphSdl: "" });
        return () => undefined;
      },
      stop: () => Promise.resolve(),
    };
    const server = new Server<Context>({ gateway });
    await server.start();
    try {
      const operation = (held: ArrayBuffer) =>
        server.executeOperation({ query: "{ one }" }, { contextValue: { held } }).then(() => undefined);
      expect(await survivors(operation)).toBeLessThan(4);
    } finally {
      await server.stop();
    }
  },
);

// Node.js loads the CommonJS build for Apollo's `require`, bundles contain the ES module, and other bundlers can take `esnext`.
test.each(["src", "esm", "esnext"])(
  "the next minor collection frees the values of a context of @opentelemetry/api (build/%s)",
  { tags: "slow" },
  async (build) => {
    interface Api {
      readonly ROOT_CONTEXT: { setValue(key: symbol, value: unknown): unknown };
      readonly createContextKey: (description: string) => symbol;
    }
    const main = createRequire(require.resolve("@apollo/gateway")).resolve("@opentelemetry/api");
    const file = join(dirname(main), "..", build, "context", "context.js");
    const { ROOT_CONTEXT, createContextKey } = build === "src" ? (require(file) as Api) : ((await import(file)) as Api);
    const key = createContextKey("held");
    expect(await survivors((held) => void ROOT_CONTEXT.setValue(key, held))).toBeLessThan(4);
  },
);

// What the patch of @apollo/gateway fixes: loading a large supergraph occupied the event loop for half a second.
test("the event loop serves others between the steps in which @apollo/gateway loads a supergraph", async () => {
  const supergraphSdl = composeSupergraph([{ name: "one", sdl: "type Query { one: Int }" }]);
  const gateway = new ApolloGateway({ supergraphSdl });
  let turns = 0;
  let isLoaded = false;
  const count = (): void => {
    turns++;
    if (!isLoaded) setImmediate(count);
  };
  setImmediate(count);
  await gateway.load();
  isLoaded = true;
  await gateway.stop();
  expect(turns).toBeGreaterThanOrEqual(5);
});
