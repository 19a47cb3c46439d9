import { createRequire } from "node:module";
import { graphql, buildSchema } from "graphql";
import * as middlewareModule from "graphql-middleware";
import * as shieldModule from "graphql-shield";
import { expect, test } from "vitest";

// Tests patches/graphql-shield@7.6.5.patch: graphql-shield used `isUndefined` from node:util, which was removed in Node 23.
const require = createRequire(import.meta.url);
const shieldCommonJs = require("graphql-shield") as typeof shieldModule;
const middlewareCommonJs = require("graphql-middleware") as typeof middlewareModule;

test.each([
  ["ES module", shieldModule, middlewareModule],
  ["CommonJS", shieldCommonJs, middlewareCommonJs],
])(
  "graphql-shield as %s loads, and its chained rules run to completion",
  async (_name, { allow, chain, deny, race, shield }, { applyMiddleware }) => {
    const schema = applyMiddleware(
      buildSchema("type Query { chained: Int, refused: Int, raced: Int }"),
      shield({ Query: { chained: chain(allow, allow), refused: chain(allow, deny), raced: race(deny, allow) } }),
    );
    const result = await graphql({ schema, source: "{ chained refused raced }", rootValue: { chained: 1, refused: 2, raced: 3 } });
    expect(result.data).toEqual({ chained: 1, refused: null, raced: 3 });
    expect(result.errors?.map((error) => error.path)).toEqual([["refused"]]);
  },
);
