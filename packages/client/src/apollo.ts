/** `@weft/client/apollo`: Weft behind Apollo Client. */
import { ApolloLink, InMemoryCache, type ApolloClient, type InMemoryCacheConfig, type TypePolicies } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode, print } from "graphql";
import { Observable } from "rxjs";
import type { WeftClient } from "./client.js";
import { connections } from "./generated/connections.js";
import { runOperation } from "./adapter.js";
import { sessionKeyOf } from "./session/session.js";
import { possibleTypes } from "./generated/possible-types.js";

export interface WeftLinkOptions {
  /** Called when a subscription may have missed events. Default: loads all active queries again. */
  readonly onGap?: (client: ApolloClient) => void;
}

const refetchActive = (client: ApolloClient): void => void client.refetchQueries({ include: "active" });

/**
 * The link that does everything: the session's token, retries, idempotency keys, and subscriptions that resume. It is the last one, so nothing follows it.
 *
 * The errors of `CombinedGraphQLErrors` are those of `@weft/client`: `error.errors[0] instanceof ConflictError`.
 */
export function weftLink(weft: WeftClient, { onGap = refetchActive }: WeftLinkOptions = {}): ApolloLink {
  return new ApolloLink(
    ({ query, variables, operationName, operationType, client }) =>
      new Observable<ApolloLink.Result>((observer) =>
        runOperation(
          weft,
          {
            text: print(query),
            variables,
            operationName,
            isSubscription: operationType === OperationTypeNode.SUBSCRIPTION,
            onGap: () => onGap(client),
          },
          {
            next: (result) => observer.next(result),
            error: (error) => observer.error(error),
            complete: () => observer.complete(),
          },
        ),
      ),
  );
}

const lines = (text: string): string[] => text.trim().split("\n");

/** How the cache keeps Weft's types: objects by their IDs, and lists with the pages that were loaded, one for each filter and order. */
export function weftTypePolicies(): TypePolicies {
  // One object of this type has the ID of another one.
  const policies: Record<string, { keyFields?: false; fields?: Record<string, ReturnType<typeof relayStylePagination>> }> = {
    CustomFieldMisfit: { keyFields: false },
  };
  for (const line of lines(connections)) {
    const [path = "", ...keyArgs] = line.split(" ");
    const [type = "", field = ""] = path.split(".");
    const policy = (policies[type] ??= {});
    (policy.fields ??= {})[field] = relayStylePagination(keyArgs);
  }
  return policies;
}

/** A cache for Weft's types. Type policies of your own are added to them. */
export function weftCache({ typePolicies = {}, ...config }: InMemoryCacheConfig = {}): InMemoryCache {
  const types = lines(possibleTypes).map((line) => line.split(" "));
  const cache = new InMemoryCache({
    ...config,
    possibleTypes: { ...Object.fromEntries(types.map(([name = "", ...possible]) => [name, possible])), ...config.possibleTypes },
    typePolicies: weftTypePolicies(),
  });
  cache.policies.addTypePolicies(typePolicies);
  return cache;
}

/** Empties the cache when the user changes, so that nobody sees what the user before has seen. Returns a function that ends this. */
export function clearOnLogin(weft: WeftClient, client: ApolloClient): () => void {
  const keyOf = (): string | null => sessionKeyOf(weft.session.state);
  let key = keyOf();
  return weft.session.subscribe(() => {
    if (keyOf() === key) return;
    key = keyOf();
    void client.clearStore();
  });
}
