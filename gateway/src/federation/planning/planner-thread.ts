import { getPriority, setPriority } from "node:os";
import { workerData } from "node:worker_threads";

// Runs in a thread of its own, see planner.ts. Imports only packages, so that tests can start it from the source.

/** What the thread is started with. */
export interface PlannerThreadData {
  readonly supergraphSdl: string;
}

/** A valid document to plan, and the name of the operation in it. */
export interface PlanTask {
  readonly text: string;
  readonly operationName: string | undefined;
}

/** The plan as JSON, which is faster to copy between threads than objects, or the error of the query planner. */
export type Planned = { readonly plan: string } | { readonly error: { readonly message: string; readonly stack: string | undefined } };

// On Linux, this is the priority of the thread alone: operations whose plans are known go first. Elsewhere, it would be that of the process.
if (process.platform === "linux") setPriority(Math.max(10, getPriority()));

// Loaded at that priority, too.
const { operationFromDocument, Supergraph } = await import("@apollo/federation-internals");
const { QueryPlanner } = await import("@apollo/query-planner");
const { parse } = await import("graphql");

// The gateway validated the supergraph when it loaded it.
const supergraph = Supergraph.build((workerData as PlannerThreadData).supergraphSdl, { validateSupergraph: false });
const apiSchema = supergraph.apiSchema();
const planner = new QueryPlanner(supergraph);

/** Plans an operation exactly as @apollo/gateway does. */
export function plan({ text, operationName }: PlanTask): Planned {
  try {
    const operation = operationFromDocument(apiSchema, parse(text), operationName === undefined ? {} : { operationName });
    return { plan: JSON.stringify(planner.buildQueryPlan(operation)) };
  } catch (error) {
    return {
      error: error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error), stack: undefined },
    };
  }
}
