import type { GraphQLSchema } from "graphql";
import { restOperations, type RestOperation } from "./operation.js";
import { type QueryParameter, queryParametersOf } from "./query-parameters.js";
import { type Adapter, adapters } from "./source-bodies.js";
import { restTable } from "./table.js";

/** A row of the table, ready to answer requests. */
export interface RestRoute {
  readonly operation: RestOperation;
  /** Whether the arguments come in a body. Otherwise they come in the query string. */
  readonly hasBody: boolean;
  readonly queryParameters: ReadonlyMap<string, QueryParameter>;
  readonly adapter: Adapter;
  /** Path at which the created object can be read, with a parameter for its ID. */
  readonly location: string | undefined;
}

/** Returns the rows whose operations the schema has. */
export function restRoutes(schema: GraphQLSchema): readonly RestRoute[] {
  const readable = new Set(restTable.flatMap(({ action, path }) => (action === "read" ? [path] : [])));
  return restOperations(schema, restTable).map((operation) => {
    const { method, action, path } = operation.row;
    const hasBody = method === "POST" || method === "PUT";
    return {
      operation,
      hasBody,
      queryParameters: hasBody ? new Map() : queryParametersOf(operation),
      adapter: adapters[`${method} ${path}`] ?? {},
      location: action === "create" && readable.has(`${path}/:id`) ? `${path}/:id` : undefined,
    };
  });
}
