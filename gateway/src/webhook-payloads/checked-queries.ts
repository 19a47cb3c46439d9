import { BadUserInput, type Problem } from "@weft/shared/errors";
import type { DocumentNode } from "graphql";
import type { Executor, Operation } from "../executor.js";
import { executorOver } from "../executor-over.js";
import { inputsOf, member } from "../inputs-of.js";
import type { Limits } from "../limits/limits.js";
import type { Planning } from "../limits/planning.js";
import { parseDocument } from "../operations.js";
import { queryProblems } from "./query-problems.js";

/** Mutations that save the query of a webhook, as `input.payload.query`. */
const savingMutations: readonly string[] = ["createWebhook", "updateWebhook"];

export interface CheckedQueriesOptions {
  readonly limits: Limits;
  /** Schedules the validation of queries. */
  readonly planning: Pick<Planning, "turn">;
  readonly allowHints: boolean;
}

/**
 * Returns an executor that checks the queries of webhooks against the whole schema before they are saved. The audit subgraph, which stores them, knows
 * only its own part of the schema. Whatever is stored is checked again whenever it runs, as every operation is.
 * @throws BadUserInput with each problem and its place in the query
 */
export function checkingWebhookQueries(executor: Executor, { limits, planning, allowHints }: CheckedQueriesOptions): Executor {
  return executorOver(executor, async (operation, context) => {
    // Callers without a login are refused by the mutations.
    if (context.viewer && savingMutations.some((name) => operation.query.includes(name))) {
      const queries = queriesIn(parseDocument(operation.query, limits), operation);
      for (const query of queries) {
        const found = await planning.turn(context, () => queryProblems(executor.schema, query, { limits, mayHint: allowHints }));
        if (found.length > 0) throw new BadUserInput(found.map((message): Problem => ({ path: "input.payload.query", message })));
      }
    }
    return executor.execute(operation, context);
  });
}

/** Returns the queries that the mutations of a document save. */
const queriesIn = (document: DocumentNode, { variables }: Operation): Set<string> =>
  new Set(
    inputsOf(document, variables, savingMutations)
      .map((input) => member(member(input, "payload"), "query"))
      .filter((query) => typeof query === "string"),
  );
