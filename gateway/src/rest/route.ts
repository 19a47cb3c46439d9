import type { GraphQLSchema } from "graphql";
import { restOperations, type RestOperation } from "./operation.js";
import { type QueryParameter, queryParametersOf } from "./query-parameters.js";
import type { Shape } from "./selection.js";
import { type Adapter, adapters } from "./source-bodies.js";
import { restTable } from "./table.js";

/** A row of the table, ready to answer requests. */
export interface RestRoute {
  readonly operation: RestOperation;
  /** Whether the arguments come in a body. Otherwise they come in the query string. */
  readonly hasBody: boolean;
  readonly queryParameters: ReadonlyMap<string, QueryParameter>;
  readonly adapter: Adapter;
  /** Whether answers can be stored. Those with links to files cannot: whoever has such a link can read the file. */
  readonly isKept: boolean;
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
      isKept: !/\b(?:FileLink|ImagePreview)\b/.test(typesIn(operation)),
      adapter: adapters[`${method} ${path}`] ?? {},
      location: action === "create" && readable.has(`${path}/:id`) ? `${path}/:id` : undefined,
    };
  });
}

/** The names of the types that a body shows. */
function typesIn({ result }: RestOperation): string {
  const names: string[] = [];
  const add = (shape: Shape): void => {
    if (shape.kind === "leaf") return;
    names.push(shape.type.name);
    if (shape.kind === "choice") for (const one of shape.shapes) add(one);
    else for (const { shape: below } of shape.fields) add(below);
  };
  if (result.kind === "object") add(result.shape);
  else if (result.kind !== "nothing") add(result.item);
  return names.join(" ");
}
