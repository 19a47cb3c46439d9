import { GraphQLError, parse, validate } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import { BadUserInput } from "../errors/errors.js";
import { literalProblems } from "./text-problems.js";

/** Parsed and valid, or why not. */
export type CheckedDocument = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** Characters of documents kept; the gateway's plans repeat the same few. */
const maxCharacters = 8_000_000;

/** Parses and validates documents, each text once while it is remembered. */
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
    return errors.length > 0 ? { errors } : { document };
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
