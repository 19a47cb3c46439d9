import { errorCodeDef, ERRORS } from "@apollo/federation-internals";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { JsonObject } from "./json.js";
import { walkPath } from "./paths.js";

type Path = readonly (string | number)[];

/** A call of a subgraph whose response has errors. */
interface FailedCall {
  readonly service: string;
  /** The fields from the root to the objects for which it was called; `@` stands for every item of a list. */
  readonly path: readonly string[];
  /** The merged responses so far. */
  readonly data: JsonObject;
  /** For each entity of the call, the objects that it is for. Undefined if the call is not for entities. */
  readonly indexes: readonly (readonly number[])[] | undefined;
}

/** Returns the errors of a subgraph's response as errors of the operation, each once in every place of its entity. */
export function failuresOf(errors: readonly GraphQLFormattedError[], { service, path, data, indexes }: FailedCall): GraphQLError[] {
  let places: readonly Path[] | undefined;
  return errors.flatMap((error) => {
    const [, index, ...rest] = error.path ?? [];
    if (!indexes || typeof index !== "number") return [failureOf(error, service, error.path && [...path, ...error.path])];
    const found = (places ??= placesOf(data, path));
    return (indexes[index] ?? [index]).map((object) => failureOf(error, service, [...(found[object] ?? []), ...rest]));
  });
}

function failureOf(error: GraphQLFormattedError, service: string, path: Path | undefined): GraphQLError {
  const message = error.message || `Error while fetching subquery from service "${service}"`;
  const options = { originalError: error as Error, path, extensions: { ...error.extensions, serviceName: service } };
  const definition = errorCodeDef(options.originalError);
  if (!definition && error.extensions?.["code"]) return new GraphQLError(message, options);
  return (definition ?? ERRORS.DOWNSTREAM_SERVICE_ERROR).err(message, options);
}

function placesOf(data: JsonObject, path: readonly string[]): Path[] {
  const places: Path[] = [];
  walkPath(data, path, (_object, place) => places.push([...place]));
  return places;
}
