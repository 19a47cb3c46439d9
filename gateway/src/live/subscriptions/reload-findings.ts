import { type GraphQLSchema, parse, specifiedRules, validate } from "graphql";
import type { Executor } from "../../executor.js";
import { VariantAbsent } from "../../variants/variant-absent.js";
import type { SharingPermissions } from "./audience.js";

/** What a running subscription relies on: it and its query are valid, and can be answered for these users at once. */
export interface Relied {
  readonly tenantId: string;
  /** The subscription as the client has sent it. */
  readonly text: string;
  /** The API at its path: the whole one, or a variant of it. */
  readonly api: Pick<Executor, "schema">;
  /** The query that runs for each event. */
  readonly query: string;
  readonly sharing: SharingPermissions;
}

export interface FindingsOptions {
  readonly executor: Pick<Executor, "internalSchema">;
  readonly sharingOf: (query: string) => SharingPermissions;
  /** Called with the first error of a check that failed for another reason than the text. */
  readonly onError: (error: unknown) => void;
}

/**
 * What was found out about subscriptions after one reload. Many sockets have the same few texts, and each is validated once, however many different ones
 * there are.
 */
export class ReloadFindings {
  readonly #options: FindingsOptions;
  readonly #schemas = new Map<Relied["api"], GraphQLSchema | undefined>();
  readonly #valid = new Map<GraphQLSchema, Map<string, boolean>>();
  #hasFailed = false;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  /** Whether the subscription can go on. If that cannot be found out, it cannot: the client subscribes again, and gets the error. */
  goesOn({ text, api, query, sharing }: Relied): boolean {
    const { executor, sharingOf } = this.#options;
    try {
      const schema = this.#schemaOf(api);
      if (!schema || !this.#isValid(query, executor.internalSchema) || !this.#isValid(text, schema)) return false;
      // Undefined in both places: nobody shares them, then as now.
      return sharing === undefined || JSON.stringify(sharingOf(query)) === JSON.stringify(sharing);
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Undefined: the new supergraph has no such variant, or it cannot be built, which is tried once. */
  #schemaOf(api: Relied["api"]): GraphQLSchema | undefined {
    if (this.#schemas.has(api)) return this.#schemas.get(api);
    let schema: GraphQLSchema | undefined;
    try {
      ({ schema } = api);
    } catch (error) {
      if (!(error instanceof VariantAbsent)) this.#failed(error);
    }
    this.#schemas.set(api, schema);
    return schema;
  }

  #isValid(text: string, schema: GraphQLSchema): boolean {
    const valid = this.#valid.get(schema) ?? new Map<string, boolean>();
    this.#valid.set(schema, valid);
    const known = valid.get(text);
    if (known !== undefined) return known;
    const found = validate(schema, parse(text, { noLocation: true }), specifiedRules, { maxErrors: 1 }).length === 0;
    valid.set(text, found);
    return found;
  }

  /** The same defect can concern each of thousands of subscriptions. */
  #failed(error: unknown): void {
    if (!this.#hasFailed) this.#options.onError(error);
    this.#hasFailed = true;
  }
}
