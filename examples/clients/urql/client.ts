import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { cacheExchange } from "@urql/exchange-graphcache";
import { createLiveClient } from "../shared/live";
import { accessToken, httpUrl, validToken } from "../shared/session";

/** A client with an empty cache: one for each session. */
export function newClient(): Client {
  const live = createLiveClient();
  return new Client({
    url: httpUrl,
    exchanges: [
      // Objects without an id are parts of the object that has them.
      cacheExchange({ keys: { AvailableTransition: () => null } }),
      authorize(),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables = {} }) => ({
          subscribe: (sink) => ({ unsubscribe: live.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}

const authorize = () =>
  authExchange(async (utils) => {
    let token = await accessToken();
    return {
      addAuthToOperation: (operation) =>
        token === null ? operation : utils.appendHeaders(operation, { authorization: `Bearer ${token}` }),
      // After a login, and when the token has expired.
      willAuthError: () => token !== validToken(),
      // Weft's clock decides whether a token has expired, not ours.
      didAuthError: ({ graphQLErrors }) =>
        token !== null && graphQLErrors.some(({ extensions }) => extensions["code"] === "UNAUTHENTICATED"),
      refreshAuth: async () => {
        token = await accessToken(token);
      },
    };
  });
