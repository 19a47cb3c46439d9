import { GraphQLError, parse, validate } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import { BadUserInput } from "@weft/shared/errors";
import { type SelectedFields, selectedFieldsOf } from "./selected-fields.js";
import { literalProblems } from "./text-problems.js";

/** A parsed and valid document with the fields that it selects, or its errors. */
export type CheckedDocument =
  | { readonly document: DocumentNode; readonly selected: SelectedFields }
  | { readonly errors: readonly GraphQLError[] };

/** Maximum number of cached characters. The gateway's query plans repeat a small set of documents. */
const maxCharacters = 8_000_000;

/** Parses and validates documents. Each text is processed once while it is in the cache. */
export function documentCache(schema: GraphQLSchema): (query: string) => CheckedDocument {
  const known = new LRUCache<string, CheckedDocument>({
    max: 2_000,
    maxSize: maxCharacters,
    sizeCalculation: (_checked, query) => query.length + 1,
  });
  return (query) => {
    const found = known.get(query);
    if (found) return found;
    const checked = check(schema, query);
    known.set(query, checked);
    return checked;
  };
}

function check(schema: GraphQLSchema, query: string): CheckedDocument {
  try {
    const document = parse(query);
    const errors = validate(schema, document).map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED"));
    const problems = literalProblems(document);
    if (problems.length > 0) errors.push(new BadUserInput(problems));
    return errors.length > 0 ? { errors } : { document, selected: selectedFieldsOf(schema, document) };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [withCode(error, "GRAPHQL_PARSE_FAILED")] };
    throw error;
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { nodes, source, positions } = error;
  return new GraphQLError(error.message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code },
  });
}
