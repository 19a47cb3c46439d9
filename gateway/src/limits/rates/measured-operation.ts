import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { resolveOperation } from "../../operations.js";
import type { Variables } from "../page-size.js";
import { measureDocument } from "../measure.js";
import { responseKeysOfRootFields } from "../anonymous.js";

/** What rates need to know of an operation within the limits. Nothing is computed unless a rate asks for it, and only once for a document. */
export class MeasuredOperation {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #operationName: string | undefined;
  readonly #variables: Variables;

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    { operationName, variables }: { readonly operationName?: string; readonly variables: Variables },
  ) {
    this.#schema = schema;
    this.#document = document;
    this.#operationName = operationName;
    this.#variables = variables;
  }

  /** How often the operation calls each of its root fields, including those that it skips. */
  get rootFields(): ReadonlyMap<string, number> {
    const definition = resolveOperation(this.#document, this.#operationName);
    let fields = known.get(definition);
    if (!fields) {
      const keys = responseKeysOfRootFields(this.#document, definition.selectionSet);
      known.set(definition, (fields = new Map([...keys].map(([field, { size }]) => [field, size] as const))));
    }
    return fields;
  }

  get cost(): number {
    const measured = measureDocument(this.#schema, this.#document, this.#variables);
    return (this.#operationName === undefined ? measured[0] : measured.find((one) => one.operationName === this.#operationName))?.cost ?? 0;
  }
}

const known = new WeakMap<OperationDefinitionNode, ReadonlyMap<string, number>>();
