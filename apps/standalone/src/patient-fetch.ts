import { setTimeout as delay } from "node:timers/promises";
import type { InProcessFetch } from "@weft/gateway";
import type { ApiResult } from "./api-client.js";

/** Refusals that ask to try again, before anything was changed. */
const temporary: ReadonlySet<unknown> = new Set(["RATE_LIMITED", "SERVICE_UNAVAILABLE"]);

interface Patience {
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** How long a request is repeated. Default: five minutes. */
  readonly forMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * Returns a `fetch` that repeats a GraphQL request if all of it was refused because the server is busy, after the time that the refusal names
 * (`retryAfter`). An answer with data is never repeated, because its mutation was executed.
 */
export function patiently(
  send: InProcessFetch,
  { signal, forMs = 300_000, wait = (ms) => delay(ms, undefined, { signal, ref: true }) }: Patience = {},
): InProcessFetch {
  return async (url, init) => {
    for (let waitedMs = 0; ;) {
      const response = await send(url, init);
      const text = await response.text();
      const waitMs = response.headers.get("content-type")?.includes("json") === true ? waitOf(text) : undefined;
      if (waitMs === undefined || waitedMs + waitMs > forMs || signal?.aborted === true)
        return new Response(text, { status: response.status, headers: response.headers });
      waitedMs += waitMs;
      await wait(waitMs);
    }
  };
}

/** Returns how long to wait before the request is repeated; undefined if it should not be. */
function waitOf(text: string): number | undefined {
  if (!text.includes('"errors"')) return undefined;
  const { data, errors } = JSON.parse(text) as ApiResult;
  const isUnchanged = data === undefined || data === null || Object.values(data).every((value) => value === null);
  const [first] = errors ?? [];
  if (!isUnchanged || !temporary.has(first?.extensions?.code)) return undefined;
  const retryAfter = first?.extensions?.["retryAfter"];
  return typeof retryAfter === "number" ? retryAfter * 1_000 : 1_000;
}
