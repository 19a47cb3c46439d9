import type { JsonObject } from "./document.js";
import type { WeftClient } from "./client.js";
import type { WeftError } from "./errors.js";

/** What a library gets of an operation: results as GraphQL defines them, with the errors of this client. */
export interface OperationSink {
  readonly next: (result: { readonly data: Record<string, unknown> | null; readonly errors?: readonly WeftError[] }) => void;
  readonly error: (error: unknown) => void;
  readonly complete: () => void;
}

export interface LibraryOperation {
  readonly text: string;
  readonly variables: JsonObject;
  readonly operationName?: string | undefined;
  readonly isSubscription: boolean;
  /** Called when a subscription may have missed events. */
  readonly onGap: () => void;
}

/** Runs an operation for another library. Returns a function that ends it. */
export function runOperation(weft: WeftClient, operation: LibraryOperation, { next, error, complete }: OperationSink): () => void {
  const { text, variables, operationName, isSubscription, onGap } = operation;
  const answer = (data: unknown, errors: readonly WeftError[]): void =>
    next({ data: data as Record<string, unknown> | null, ...(errors.length > 0 && { errors }) });
  if (isSubscription) return weft.subscribe(text, variables, { next: answer, error, gap: onGap });
  const left = new AbortController();
  weft.execute(text, variables, { operationName, signal: left.signal }).then(({ data, errors }) => {
    answer(data, errors);
    complete();
  }, error);
  return () => left.abort();
}
