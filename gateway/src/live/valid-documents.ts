import { turnOf } from "@weft/platform/fairness";
import { specifiedRules, validate } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { keptForLast } from "../federation/kept-for-last.js";
import { validationFailed } from "../errors/validation-failed.js";
import type { Waiting } from "../limits/planning.js";
import type { ProtocolOptions } from "./options.js";

/** Validates documents. Parsed documents are cached, and each is validated once while it is in the cache. */
export class ValidDocuments {
  readonly #options: Pick<ProtocolOptions, "executor" | "planning" | "allowHints">;
  /** Valid documents of the schema, which changes when the supergraph is reloaded. */
  readonly #validOf = keptForLast((_schema: GraphQLSchema) => new WeakSet<DocumentNode>());
  readonly #validating = new Map<string, Promise<unknown>>();

  constructor(options: Pick<ProtocolOptions, "executor" | "planning" | "allowHints">) {
    this.#options = options;
  }

  /**
   * Returns the errors of a document. A new document waits for its turn; one that was found valid does not. If the same text arrives over many
   * sockets of a tenant at the same time, for example after a restart, it waits only once.
   */
  async errorsOf(query: string, document: DocumentNode, waiting: Waiting): Promise<readonly unknown[]> {
    const { executor, planning, allowHints } = this.#options;
    const { schema } = executor;
    const valid = this.#validOf(schema);
    const key = `${turnOf(waiting)} ${query}`;
    for (let same = this.#validating.get(key); same && !valid.has(document); same = this.#validating.get(key))
      await same.catch(() => undefined);
    if (valid.has(document)) return [];
    const validation = planning
      .turn(waiting, () => validate(schema, document, specifiedRules, { maxErrors: 20 }))
      .finally(() => this.#validating.delete(key));
    this.#validating.set(key, validation);
    const errors = await validation;
    if (errors.length === 0) valid.add(document);
    return errors.map((error) => validationFailed(error, allowHints));
  }
}
