/** `@weft/client/urql`: Weft behind urql. */
import { subscriptionExchange, type CombinedError, type Exchange } from "@urql/core";
import { runOperation } from "./adapter.js";
import type { WeftClient } from "./client.js";
import { errorsOf, WeftError } from "./errors.js";
import { entities } from "./generated/entities.js";

export interface WeftExchangeOptions {
  /** Called when a subscription may have missed events: load again what it keeps up to date. */
  readonly onGap?: () => void;
}

/**
 * The exchange that does everything: the session's token, retries, idempotency keys, and subscriptions that resume. It is the last one, instead of
 * `fetchExchange`.
 */
export function weftExchange(weft: WeftClient, { onGap = () => {} }: WeftExchangeOptions = {}): Exchange {
  return subscriptionExchange({
    isSubscriptionOperation: ({ kind }) => kind !== "teardown",
    forwardSubscription: ({ query = "", variables = {}, operationName }, { kind }) => ({
      subscribe: (sink) => {
        const operation = { text: query, variables, operationName, isSubscription: kind === "subscription", onGap };
        return { unsubscribe: runOperation(weft, operation, sink) };
      },
    }),
  });
}

/** Returns the errors of `@weft/client` in one of urql. */
export function weftErrors({ networkError, graphQLErrors }: CombinedError): readonly WeftError[] {
  return networkError instanceof WeftError ? [networkError] : errorsOf(graphQLErrors as never);
}

/** `keys` of Graphcache: objects with an ID of their own are kept by it, all others are parts of the object that has them. */
export function graphcacheKeys(): Record<string, (data: { readonly id?: unknown }) => string | null> {
  const known = new Set(entities.split("\n"));
  const own = ({ id }: { readonly id?: unknown }): string | null => (typeof id === "string" ? id : null);
  const part = (): null => null;
  // Of all 600 types, Graphcache asks for those that it sees.
  return new Proxy({}, { get: (_, type) => (known.has(String(type)) ? own : part), has: () => true });
}
