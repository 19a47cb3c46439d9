import type { GraphQLSchema } from "graphql";
import type { Execution } from "./execution.js";
import { compileFetch } from "./fetch.js";
import type { JsonObject } from "./json.js";
import { walkPath } from "./paths.js";
import { type PlanNode, Unsupported } from "./plan.js";

/** Runs a part of a plan. Calls that do not depend on each other run in parallel. */
export type RunNode = (execution: Execution) => Promise<void>;

/** Compiles a node of a plan. Throws Unsupported if it has parts that only Apollo's executor knows. */
export function compileNode(node: PlanNode, schema: GraphQLSchema, path: readonly string[] = []): RunNode {
  switch (node.kind) {
    case "Sequence": {
      const runs = node.nodes.map((part) => compileNode(part, schema, path));
      return async (execution) => {
        for (const run of runs) await run(execution);
      };
    }
    case "Parallel": {
      const runs = node.nodes.map((part) => compileNode(part, schema, path));
      return async (execution) => void (await Promise.all(runs.map((run) => run(execution))));
    }
    case "Flatten": {
      const inner = node.path.map(String);
      if (path.length > 0 || inner.some((name) => name.startsWith("|") || name.includes(":["))) throw new Unsupported("a path");
      return compileNode(node.node, schema, inner);
    }
    case "Condition": {
      const yes = node.ifClause && compileNode(node.ifClause, schema, path);
      const no = node.elseClause && compileNode(node.elseClause, schema, path);
      return async (execution) => (execution.conditions[node.condition] ? yes : no)?.(execution);
    }
    case "Fetch": {
      const run = compileFetch(node, path, schema);
      return (execution) => {
        const objects: JsonObject[] = [];
        walkPath(execution.data, path, (object) => objects.push(object));
        return run(execution, objects);
      };
    }
    case "Defer":
      throw new Unsupported(node.kind);
  }
}
