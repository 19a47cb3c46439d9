/** `@weft/client/tanstack-query`: options for TanStack Query, of any framework. */
import type { WeftClient } from "./client.js";
import { shapeOf, textOf, type GraphQLDocument, type JsonObject, type Print } from "./document.js";
import type { LiveStatus } from "./live/live.js";
import type { WeftError } from "./errors.js";

type QueryKey = readonly ["weft", string, ...(readonly unknown[])];

export interface WeftQueryOptions<Result> {
  readonly queryKey: QueryKey;
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Result>;
  /** The client has repeated it already. */
  readonly retry: false;
}

/** Options of `useQuery`, `prefetchQuery` and their like. The key has the operation and its variables. */
export function weftQuery<Result, Variables>(
  weft: WeftClient,
  document: GraphQLDocument<Result, Variables>,
  variables?: Variables,
  print?: Print,
): WeftQueryOptions<Result> {
  const text = textOf(document, print);
  return {
    queryKey: ["weft", shapeOf(text).name ?? text, ...(variables === undefined ? [] : [variables])],
    queryFn: ({ signal }) => weft.query<Result, JsonObject>(text, variables as JsonObject | undefined, { signal }),
    retry: false,
  };
}

export interface WeftMutationOptions<Result, Variables> {
  readonly mutationFn: (variables: Variables) => Promise<Result>;
  /** The client repeats what it can repeat, with the same idempotency key. */
  readonly retry: false;
}

/** Options of `useMutation`. */
export function weftMutation<Result, Variables>(
  weft: WeftClient,
  document: GraphQLDocument<Result, Variables>,
): WeftMutationOptions<Result, Variables> {
  return { mutationFn: (variables) => weft.mutate(document, variables), retry: false };
}

/** What is used of a QueryClient. */
interface Invalidates {
  invalidateQueries(filters: { readonly queryKey: readonly unknown[] }): Promise<unknown>;
}

export interface FollowOptions<Variables> {
  readonly subscription: GraphQLDocument<unknown, Variables>;
  readonly variables: Variables;
  /** Queries that an event concerns, by the beginnings of their keys. */
  readonly queryKeys: readonly (readonly unknown[])[];
  readonly onStatus?: (status: LiveStatus) => void;
  readonly onError?: (error: WeftError) => void;
}

/** Loads queries again after each event of a subscription, and after gaps. Returns a function that ends this. */
export function followQueries<Variables>(
  weft: WeftClient,
  queryClient: Invalidates,
  { subscription, variables, queryKeys, onStatus, onError = () => {} }: FollowOptions<Variables>,
): () => void {
  const load = (): void => {
    for (const queryKey of queryKeys) void queryClient.invalidateQueries({ queryKey });
  };
  return weft.subscribe(subscription, variables, { next: load, gap: load, status: onStatus, error: onError });
}
