import { type GraphQLSchema, parse, specifiedRules, validate } from "graphql";
import { LRUCache } from "lru-cache";
import type { Executor } from "../../executor.js";
import { keptForLast } from "../../federation/kept-for-last.js";
import type { SharingPermissions } from "./audience.js";

/** What a running subscription relies on: its query is valid, and can be answered for these users at once. */
export interface Relied {
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
  /** Whether queries are valid in the schema. Many sockets have the same few subscriptions. */
  readonly #validIn = keptForLast((_schema: GraphQLSchema) => new LRUCache<string, boolean>({ max: 1_000 }));

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  /**
   * Calls a function if the supergraph is replaced by one in which the subscription cannot go on: its query is no longer valid, or other permissions decide who
   * shares its answers. Returns a function that ends this.
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

  #goesOn({ query, sharing }: Relied): boolean {
    if (!this.#isValid(query)) return false;
    // Undefined in both places: nobody shares them, then as now.
    return sharing === undefined || JSON.stringify(this.#options.sharingOf(query)) === JSON.stringify(sharing);
  }

  #isValid(query: string): boolean {
    const schema = this.#options.executor.internalSchema;
    const valid = this.#validIn(schema);
    const known = valid.get(query);
    if (known !== undefined) return known;
    const found = validate(schema, parse(query, { noLocation: true }), specifiedRules, { maxErrors: 1 }).length === 0;
    valid.set(query, found);
    return found;
  }
}
