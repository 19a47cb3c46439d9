import { buildASTSchema, OperationTypeNode, parse, print, specifiedRules, validate } from "graphql";
import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import type { OperationContext } from "../context.js";
import { maskError } from "../errors/mask.js";
import { missingNodes } from "../errors/missing-nodes.js";
import { validationFailed } from "../errors/validation-failed.js";
import { withoutLocations } from "../errors/without-locations.js";
import type { Executor, Operation, OperationResult } from "../executor.js";
import { declareSameCosts } from "../limits/cost.js";
import { keptForLast } from "../federation/kept-for-last.js";
import { readLiterals } from "../federation/literals.js";
import { answerToFailure } from "../http/answer.js";
import { answerOfSchema, mergedData, splitIntrospection } from "../introspection.js";
import type { SplitQuery } from "../introspection.js";
import type { Limits } from "../limits/limits.js";
import type { Planning } from "../limits/planning.js";
import { written } from "../operation-text.js";
import { parseDocument, resolveOperation } from "../operations.js";
import { hiddenObjects } from "./hidden-objects.js";
import type { HiddenObjects } from "./hidden-objects.js";
import type { ServedVariant } from "./served-variants.js";

export interface VariantOptions extends Pick<ServedVariant, "schemas"> {
  /** Returns the text of the variant's schema, a part of the API, when the variant is first used, and when `schemas` returns another object. */
  readonly sdlOf: (api: GraphQLSchema) => string;
  /** Returns the complete API schema. */
  readonly api: () => GraphQLSchema;
  /** Schedules the validation of new texts. */
  readonly planning: Pick<Planning, "turn">;
  readonly limits: Limits;
  /** Whether errors can suggest names of the schema. */
  readonly allowHints: boolean;
}

/** The API with a smaller schema: everything outside it is unknown, and everything inside it is answered as by the complete API. */
export interface Variant {
  readonly schema: GraphQLSchema;
  /** Returns an executor that validates operations against the variant's schema before it passes them on. */
  over(executor: Executor): Executor;
  /** Returns a subscription whose events can be answered by `answering`. */
  readonly mark: HiddenObjects["mark"];
  /** Returns an executor that removes objects of types outside the variant from the results of marked operations. */
  answering(executor: Pick<Executor, "execute">): Pick<Executor, "execute">;
}

/** A valid document, as it is passed on. */
interface Checked {
  readonly query: string;
  readonly isMarked: boolean;
}

interface Built {
  readonly schema: GraphQLSchema;
  readonly hidden: HiddenObjects;
  /** Valid texts. The caches of the complete API do not help, because their documents were validated against another schema. */
  readonly known: LRUCache<string, Checked>;
}

/** Creates a variant. Its schema is built when it is first used: without vendors, an installation does not need the memory. */
export const createVariant = (options: VariantOptions): Variant => new PartOfApi(options);

class PartOfApi implements Variant {
  readonly #options: VariantOptions;
  readonly #builtFor: (schemas: object) => Built;

  constructor(options: VariantOptions) {
    this.#options = options;
    this.#builtFor = keptForLast(() => {
      const api = options.api();
      return built(options.sdlOf(api), api);
    });
  }

  get schema(): GraphQLSchema {
    return this.#parts().schema;
  }

  over(executor: Executor): Executor {
    const schema = (): GraphQLSchema => this.schema;
    return {
      get schema() {
        return schema();
      },
      get internalSchema() {
        return executor.internalSchema;
      },
      stop: () => executor.stop(),
      execute: (operation, context) => this.#execute(executor, operation, context),
    };
  }

  readonly mark: HiddenObjects["mark"] = (document) => this.#parts().hidden.mark(document);

  answering(executor: Pick<Executor, "execute">): Pick<Executor, "execute"> {
    return { execute: async (operation, context) => this.#withoutHidden(await executor.execute(operation, context)) };
  }

  #parts(): Built {
    return this.#builtFor(this.#options.schemas());
  }

  async #execute(executor: Executor, operation: Operation, context: OperationContext): Promise<OperationResult> {
    const { operationName, variables } = operation;
    const document = parseDocument(operation.query, this.#options.limits);
    const found = await this.#checked(document, operation, context);
    if ("status" in found) return found;
    const definition = resolveOperation(document, operationName);
    const split = splitIntrospection(document, definition);
    if (!split && !found.isMarked) return executor.execute(operation, context);
    const result = split
      ? await this.#withIntrospection(executor, split, operation, context)
      : withoutLocations(this.#withoutHidden(await executor.execute({ ...operation, query: found.query }, context)));
    return this.#withMissingNodes(result, { document, operation: definition, variables, requestId: context.requestId });
  }

  /** Returns the document, or the errors for the client. A new document waits for its turn; one that was found valid does not. */
  async #checked(document: DocumentNode, { query }: Operation, context: OperationContext): Promise<Checked | OperationResult> {
    const { schema, hidden, known } = this.#parts();
    const before = known.get(query);
    if (before) return before;
    const errors = await this.#options.planning.turn(context, () => validate(schema, document, specifiedRules, { maxErrors: 20 }));
    if (errors.length > 0) return this.#refused(errors, context.requestId);
    const marked = hidden.mark(document);
    const valid = marked === document ? { query, isMarked: false } : { query: print(marked), isMarked: true };
    known.set(query, valid);
    return valid;
  }

  #refused(errors: readonly GraphQLError[], requestId: string): OperationResult {
    const answers = errors.map((error) => answerToFailure(validationFailed(error, this.#options.allowHints), requestId));
    const status = Math.max(...answers.map((answer) => answer.status));
    return { errors: answers.flatMap(({ body }) => body.errors ?? []), status };
  }

  async #withIntrospection(
    executor: Executor,
    split: SplitQuery,
    { variables }: Operation,
    context: OperationContext,
  ): Promise<OperationResult> {
    const { data, errors } = await this.#options.planning.turn(context, () => answerOfSchema(this.#parts().schema, split, variables));
    const shown = errors?.map((error) => maskError(error, context.requestId).client) ?? [];
    if (!data) return { errors: shown, status: 400 };
    if (!split.rest) return { data, ...(shown.length > 0 && { errors: shown }), status: 200 };
    const { operation } = split.rest;
    const rest = written({ ...split.rest, variables }, OperationTypeNode.QUERY, operation.selectionSet.selections);
    const result = await this.#passOn(executor, rest, context);
    if (!result.data) return result;
    const all = [...(result.errors ?? []), ...shown];
    return { ...result, data: mergedData(result.data, split, data), ...(all.length > 0 && { errors: all }) };
  }

  /** Runs a part of an operation that was rewritten. Its locations would refer to a document that the client did not send. */
  async #passOn(executor: Executor, operation: Operation, context: OperationContext): Promise<OperationResult> {
    const marked = this.#parts().hidden.mark(parseDocument(operation.query, this.#options.limits));
    const result = await executor.execute({ ...operation, query: print(marked) }, context);
    return withoutLocations(this.#withoutHidden(result));
  }

  #withoutHidden(result: OperationResult): OperationResult {
    return result.data ? { ...result, data: this.#parts().hidden.remove(result.data) } : result;
  }

  /** Objects outside the variant do not exist here, so `node` reports them as it reports others that do not exist. */
  #withMissingNodes(
    result: OperationResult,
    asked: { document: DocumentNode; operation: OperationDefinitionNode; variables: Operation["variables"]; requestId: string },
  ): OperationResult {
    const { errors = [], data } = result;
    const missing = missingNodes({ schema: this.#parts().schema, ...asked, data, errors });
    if (missing.length === 0) return result;
    return { ...result, errors: [...errors, ...missing.map((error) => maskError(error, asked.requestId).client)] };
  }
}

function built(sdl: string, api: GraphQLSchema): Built {
  const schema = buildASTSchema(parse(sdl, { noLocation: true }), { assumeValidSDL: true });
  readLiterals(schema);
  declareSameCosts(schema, api);
  const known = new LRUCache<string, Checked>({ maxSize: 4_000_000, sizeCalculation: ({ query }, text) => query.length + text.length + 1 });
  return { schema, hidden: hiddenObjects(schema, api), known };
}
