import { type GraphQLSchema, parse, specifiedRules, validate } from "graphql";
import { LRUCache } from "lru-cache";
import type { Executor } from "../../executor.js";
import type { SharingPermissions } from "./audience.js";

/** What a running subscription relies on: it and its query are valid, and can be answered for these users at once. */
export interface Relied {
  /** The subscription as the client has sent it. */
  readonly text: string;
  /** Returns the schema of its path: the API, or a variant of it. */
  readonly schema: () => GraphQLSchema;
  /** The query that runs for each event. */
  readonly query: string;
  readonly sharing: SharingPermissions;
}

interface Watched extends Relied {
  readonly onOutdated: () => void;
}

export interface ReloadsOptions {
  readonly executor: Pick<Executor, "internalSchema">;
  readonly sharingOf: (query: string) => SharingPermissions;
}

/** The running subscriptions, which are checked when the supergraph has been replaced. Nearly all of them go on. */
export class Reloads {
  readonly #options: ReloadsOptions;
  readonly #watched = new Set<Watched>();
  /** Whether operations are valid in a schema. Many sockets have the same few subscriptions. */
  readonly #validIn = new WeakMap<GraphQLSchema, LRUCache<string, boolean>>();

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  /**
   * Calls a function if the supergraph is replaced by one in which the subscription cannot go on: it is no longer valid at its path, or other permissions
   * decide who shares its answers. Returns a function that ends this.
   */
  watch(relied: Relied, onOutdated: () => void): () => void {
    const watched = { ...relied, onOutdated };
    this.#watched.add(watched);
    return () => void this.#watched.delete(watched);
  }

  /** Call when the supergraph has been replaced. */
  reloaded(): void {
    for (const watched of this.#watched) if (!this.#goesOn(watched)) watched.onOutdated();
  }

  #goesOn({ text, schema, query, sharing }: Relied): boolean {
    if (!this.#isValid(query, () => this.#options.executor.internalSchema) || !this.#isValid(text, schema)) return false;
    // Undefined in both places: nobody shares them, then as now.
    return sharing === undefined || JSON.stringify(this.#options.sharingOf(query)) === JSON.stringify(sharing);
  }

  #isValid(text: string, schemaOf: () => GraphQLSchema): boolean {
    const schema = schemaIn(schemaOf);
    if (!schema) return false;
    const valid = this.#knownIn(schema);
    const known = valid.get(text);
    if (known !== undefined) return known;
    const found = validate(schema, parse(text, { noLocation: true }), specifiedRules, { maxErrors: 1 }).length === 0;
    valid.set(text, found);
    return found;
  }

  #knownIn(schema: GraphQLSchema): LRUCache<string, boolean> {
    let known = this.#validIn.get(schema);
    if (!known) this.#validIn.set(schema, (known = new LRUCache({ max: 1_000 })));
    return known;
  }
}

/** Undefined: the new supergraph does not have the variant any more, which is built when it is used. */
function schemaIn(schemaOf: () => GraphQLSchema): GraphQLSchema | undefined {
  try {
    return schemaOf();
  } catch {
    return undefined;
  }
}
