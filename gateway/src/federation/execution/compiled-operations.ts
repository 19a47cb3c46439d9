import type { Experimental_DidResolveQueryPlanCallback } from "@apollo/gateway";
import { LRUCache } from "lru-cache";
import type { CallSubgraph } from "./execution.js";
import { compileOperation, type CompiledOperation, type OperationResponse } from "./operation.js";
import { type PlannedOperation, type QueryPlan, type RequestContext, Unsupported } from "./plan.js";

/** Who executes an operation: the compiled operation, or Apollo Gateway's executor. */
export type Executor = "compiled" | "apollo";

export type Execute = (request: RequestContext) => Promise<OperationResponse>;

/** What is known of an operation: its plan after the first execution, and how to execute it after the second. */
interface Known {
  readonly plan: QueryPlan;
  readonly planned: PlannedOperation;
  /** Null if Apollo's executor has to execute the operation. */
  compiled?: CompiledOperation | null;
}

/** Memory of a compiled operation in relation to the length of its text, estimated: the plan, the shapes, and the closures. */
const sizePerCharacter = 60;

/**
 * Executes operations in Apollo Gateway's place. The first execution of an operation is Apollo's, which plans it. From the second on, the plan and the
 * shape of the response are compiled, so operations that are sent only once cost nothing more. Whatever the compiler does not support stays Apollo's.
 */
export class CompiledOperations {
  readonly #known: LRUCache<string, Known>;
  readonly #callSubgraph: CallSubgraph;
  readonly #onExecute: (executor: Executor) => void;

  /** @param options `maxMiB` is the memory for compiled operations. The least recently used are forgotten first. */
  constructor(options: { readonly callSubgraph: CallSubgraph; readonly onExecute: (executor: Executor) => void; readonly maxMiB: number }) {
    this.#callSubgraph = options.callSubgraph;
    this.#onExecute = options.onExecute;
    this.#known = new LRUCache({ maxSize: options.maxMiB * 1024 * 1024 });
  }

  /** Remembers the plan that Apollo's executor is about to execute. */
  readonly remember: Experimental_DidResolveQueryPlanCallback = ({ queryPlan, operationContext, requestContext }) => {
    const key = keyOf(requestContext);
    // Apollo executes it again because it cannot be compiled, or not with these variables.
    if (this.#known.get(key)?.plan === queryPlan) return;
    const size = 1_000 + requestContext.source.length * sizePerCharacter;
    this.#known.set(key, { plan: queryPlan, planned: operationContext }, { size });
  };

  /** Returns an executor that uses compiled operations where it can, and the given one otherwise. */
  executor(apollo: Execute): Execute {
    return async (request) => {
      const known = this.#known.get(keyOf(request));
      if (known && known.compiled === undefined) known.compiled = compile(known, request);
      const response = await known?.compiled?.(request, this.#callSubgraph);
      this.#onExecute(response ? "compiled" : "apollo");
      return response ?? apollo(request);
    };
  }
}

function compile({ plan, planned }: Known, { document }: RequestContext): CompiledOperation | null {
  try {
    return compileOperation(plan, planned, document);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

const keyOf = ({ queryHash, request }: RequestContext): string => `${queryHash} ${request.operationName ?? ""}`;
