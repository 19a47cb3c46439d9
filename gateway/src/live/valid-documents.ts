import { turnOf } from "@weft/platform/fairness";
import { specifiedRules, validate } from "graphql";
import type { DocumentNode } from "graphql";
import { validationFailed } from "../errors/validation-failed.js";
import { noIntrospection } from "../limits/no-introspection.js";
import type { Waiting } from "../limits/planning.js";
import type { ProtocolOptions } from "./options.js";

/** Validates documents. Parsed documents are cached, and each is validated once while it is in the cache. */
export class ValidDocuments {
  readonly #options: Pick<ProtocolOptions, "executor" | "planning" | "allowIntrospection">;
  readonly #valid = new WeakSet<DocumentNode>();
  readonly #validating = new Map<string, Promise<unknown>>();

  constructor(options: Pick<ProtocolOptions, "executor" | "planning" | "allowIntrospection">) {
    this.#options = options;
  }

  /**
   * Returns the errors of a document. A new document waits for its turn; one that was found valid does not. If the same text arrives over many
   * sockets of a tenant at the same time, for example after a restart, it waits only once.
   */
  async errorsOf(query: string, document: DocumentNode, waiting: Waiting): Promise<readonly unknown[]> {
    const { executor, planning, allowIntrospection } = this.#options;
    const key = `${turnOf(waiting)} ${query}`;
    for (let same = this.#validating.get(key); same && !this.#valid.has(document); same = this.#validating.get(key))
      await same.catch(() => undefined);
    if (this.#valid.has(document)) return [];
    const rules = allowIntrospection ? specifiedRules : [...specifiedRules, noIntrospection];
    const validation = planning
      .turn(waiting, () => validate(executor.schema, document, rules, { maxErrors: 20 }))
      .finally(() => this.#validating.delete(key));
    this.#validating.set(key, validation);
    const errors = await validation;
    if (errors.length === 0) this.#valid.add(document);
    // An error with a cause is a refusal of ours, with its own code.
    return errors.map((error) => (error.originalError ? error : validationFailed(error, allowIntrospection)));
  }
}
