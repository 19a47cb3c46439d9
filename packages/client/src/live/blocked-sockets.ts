/** Tells that WebSockets do not get through where HTTP does. */
import { headersOf, type Authenticator } from "../session/access.js";
import { post, type Fetch } from "../requests/http.js";
import { isReachable } from "../requests/operations.js";

export interface BlockedSocketsOptions {
  /** Whether Weft answers over HTTP. */
  readonly answersOverHttp: () => Promise<boolean>;
  /** Called when sockets are taken to be blocked, and again after each further failure. */
  readonly onBlocked: () => void;
  /** Called when a socket has proved to work in both directions. */
  readonly onProven: () => void;
}

/** What its sockets tell it. */
export interface BlockedSockets {
  /** Weft has answered a ping. */
  answered(): void;
  /** @param isInOrder whether Weft or this client has closed the socket, which was not cut by the network */
  closed(isInOrder: boolean): void;
}

/** Failures after which sockets are taken to be blocked. */
const failuresAtFirst = 2;
/** If a socket has worked before, it is more likely that its server restarts. */
const failuresLater = 4;

/**
 * A socket that fails says little: the server may restart, or the whole network may be away, and HTTP is no better then. Sockets count as blocked only if
 * Weft has answered over HTTP, and then still another socket fails. One that is cut before a ping was answered has failed, too: some proxies let a
 * WebSocket be opened, and cut it then.
 */
export function watchSockets({ answersOverHttp, onBlocked, onProven }: BlockedSocketsOptions): BlockedSockets {
  let failures = 0;
  let isProven = false;
  let hasWorked = false;
  let hasHttpAnswered = false;

  const ask = async (): Promise<void> => {
    // A socket may have got through meanwhile.
    if ((await answersOverHttp()) && failures > 0) hasHttpAnswered = true;
  };
  return {
    answered: () => {
      if (!isProven) onProven();
      hasWorked = isProven = true;
    },
    closed: (isInOrder) => {
      if (isInOrder || isProven) {
        failures = 0;
        isProven = hasHttpAnswered = false;
        return;
      }
      const limit = hasWorked ? failuresLater : failuresAtFirst;
      failures++;
      if (failures >= limit && hasHttpAnswered) onBlocked();
      else if (failures >= limit - 1) void ask();
    },
  };
}

export interface AskOptions {
  readonly url: string;
  readonly fetch: Fetch;
  readonly authenticator: Authenticator;
  readonly named: Readonly<Record<string, string>>;
}

const answerWithinMs = 15_000;

/** Asks over HTTP whether Weft answers. An answer of a proxy is none. */
export async function answersOverHttp({ url, fetch, authenticator, named }: AskOptions): Promise<boolean> {
  try {
    const access = await authenticator.access();
    const credentials = access.isCookie ? "include" : undefined;
    const headers = { ...headersOf(access), ...named };
    await post(url, { query: isReachable, variables: {} }, { fetch, headers, credentials, timeoutMs: answerWithinMs });
    return true;
  } catch {
    return false;
  }
}
