import { type Client, createClient } from "graphql-ws";
import { accessToken, saveSession, wsUrl } from "./session";

class SessionEnded extends Error {
  override readonly message = "The session has ended. Log in again.";
}

/**
 * A graphql-ws client whose subscriptions resume where they stopped. When graphql-ws reconnects, it sends each subscription again with its
 * original variables. Here the variable `after` is replaced by the cursor of each payload, so no event is lost or repeated.
 */
export function createLiveClient(): Client {
  let token: string | null = null;
  let refused: string | null = null;
  const client = createClient({
    url: wsUrl,
    // Called for every connection: Weft closes a socket when its token expires, and the next one needs a new token.
    connectionParams: async () => {
      token = await accessToken(refused);
      if (token === null) throw new SessionEnded();
      return { authorization: `Bearer ${token}` };
    },
    on: {
      closed: (event) => {
        const { code } = event as CloseEvent;
        // The token has expired, or the user's rights have changed: reconnect with a new token.
        if (code === 4403) refused = token;
        // The session was revoked.
        if (code === 4401) saveSession(null);
      },
    },
    retryAttempts: Number.POSITIVE_INFINITY,
    // By default a server that cannot be reached is an error, not a reason to retry.
    shouldRetry: (problem) => !(problem instanceof SessionEnded),
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(2 ** retries, 30) * (500 + Math.random() * 500))),
  });
  return {
    ...client,
    subscribe(payload, sink) {
      const variables = { ...payload.variables };
      return client.subscribe<Record<string, { cursor?: string } | null>>(
        { ...payload, variables },
        {
          next(result) {
            const [event] = Object.values(result.data ?? {});
            if (event?.cursor !== undefined) variables["after"] = event.cursor;
            sink.next(result as never);
          },
          error: (problem) => sink.error(problem),
          complete: () => sink.complete(),
        },
      );
    },
  };
}
