/** Subscriptions over plain HTTP, where WebSockets do not get through: a stream of server-sent events for each, opened again when it breaks. */
import { createParser } from "eventsource-parser";
import { WeftError, type ErrorAnswer } from "../errors.js";
import { abortable } from "../requests/abortable.js";
import { isTemporary, parsed, refusedWith, type Fetch } from "../requests/http.js";
import { backoffMs, pause, retryAfterMsOf } from "../requests/retry.js";
import { headersOf, type Access } from "../session/access.js";
import { SignedOut, type LiveSocket, type SocketOptions } from "./socket.js";

export interface StreamsOptions extends Omit<SocketOptions, "webSocket" | "onClosed" | "blocked"> {
  readonly fetch: Fetch;
  /** Called with the ID of a subscription whose stream has broken. */
  readonly onClosed: (id: string) => void;
}

interface Result {
  readonly data?: Record<string, unknown>;
  readonly errors?: readonly ErrorAnswer[];
}

/** Weft sends something every ten seconds. */
const silentMs = 25_000;
const connectWithinMs = 15_000;
/** Codes after which the same login must not connect again. The others mean: go on after the last event. */
const finalCodes = new Set([4401, 4429]);

type End = "complete" | "broken" | "renew";

/** Returns the errors of Weft with which it was refused for good, or the error for the status of a proxy. */
async function refusalIn(response: Response): Promise<unknown> {
  const errors = parsed(await response.text())?.["errors"];
  return Array.isArray(errors) && errors.length > 0 ? errors : refusedWith(response.status, response.headers.get("x-request-id"));
}

export function openStreams({ url, authenticator, named, fetch, onLive, onClosed, newId }: StreamsOptions): LiveSocket {
  const wakes = new Set<() => void>();

  const subscribe: LiveSocket["client"]["subscribe"] = (payload, sink) => {
    const id = newId();
    const control = new AbortController();
    const { signal } = control;
    let refused: Access | undefined;
    /** What was answered with 401. */
    let invalid: Access | undefined;
    let retryAfterMs = 0;
    const fail = (problem: unknown): void => {
      if (signal.aborted) return;
      control.abort();
      sink.error(problem);
    };

    /** Reads a stream until it ends. Errors of the subscription go to the sink, which ends it. */
    const read = async (body: ReadableStream<Uint8Array>, cut: AbortController): Promise<End> => {
      let end: End = "broken";
      let watchdog = setTimeout(() => cut.abort(), silentMs);
      const wake = (): void => {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => cut.abort(), silentMs / 2);
      };
      wakes.add(wake);
      const parser = createParser({
        onEvent: ({ event, data }) => {
          if (signal.aborted) return;
          if (event === "complete") return void (end = "complete");
          if (event === "live") return onLive(id, (JSON.parse(data) as { cursor: string | null }).cursor);
          const { data: result, errors } = JSON.parse(data) as Result;
          if (result) return sink.next({ data: result, errors } as never);
          const code = errors?.[0]?.extensions?.["closeCode"];
          if (typeof code !== "number") return fail(errors);
          if (code === 4403) end = "renew";
          const reason = errors?.[0]?.extensions?.["code"];
          if (finalCodes.has(code)) fail({ code, reason: String(reason) });
        },
      });
      const decoder = new TextDecoder();
      const reader = body.getReader();
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return end;
          clearTimeout(watchdog);
          watchdog = setTimeout(() => cut.abort(), silentMs);
          parser.feed(decoder.decode(value, { stream: true }));
        }
      } finally {
        clearTimeout(watchdog);
        wakes.delete(wake);
      }
    };

    /** Opens one stream, and follows it to its end. */
    const follow = async (): Promise<End> => {
      const access = await abortable(authenticator.access(refused), signal);
      // Nothing can renew it, such as an API key.
      if (invalid !== undefined && access.id === invalid.id) {
        fail({ code: 4401, reason: "Unauthenticated" });
        return "broken";
      }
      refused = invalid = undefined;
      retryAfterMs = 0;
      if (access.id === null) throw new SignedOut();
      const cut = new AbortController();
      const stop = (): void => cut.abort();
      signal.addEventListener("abort", stop);
      const timer = setTimeout(stop, connectWithinMs);
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { ...headersOf(access), ...named, accept: "text/event-stream", "content-type": "application/json" },
          ...(access.isCookie && { credentials: "include" }),
          body: JSON.stringify({ ...payload, extensions: { ...payload.extensions, livePings: true } }),
          signal: cut.signal,
        });
        if (response.status === 401) {
          refused = invalid = access;
          return "renew";
        }
        const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
        if (isStream && response.body) {
          clearTimeout(timer);
          const end = await read(response.body, cut);
          if (end === "renew") refused = access;
          return end;
        }
        retryAfterMs = retryAfterMsOf(response.headers);
        // A page of a proxy in the place of a stream is temporary, too.
        if (!response.ok && !isTemporary(response.status)) fail(await refusalIn(response));
        return "broken";
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        cut.abort();
      }
    };

    const run = async (): Promise<void> => {
      for (let attempt = 0; !signal.aborted; attempt++) {
        const started = Date.now();
        const end = await follow().catch((error: unknown): End => {
          if (error instanceof SignedOut || (error instanceof WeftError && !error.isRetryable)) fail(error);
          return "broken";
        });
        if (signal.aborted) return;
        if (end === "complete") return sink.complete();
        onClosed(id);
        // One that has worked for a while is not an attempt that failed.
        if (Date.now() - started > silentMs) attempt = 0;
        const waitMs = end === "renew" && attempt === 0 ? 0 : backoffMs(attempt);
        await pause(retryAfterMs + waitMs, signal).catch(() => undefined);
      }
    };
    void run();
    return () => control.abort();
  };

  return {
    client: { subscribe },
    wake: () => {
      for (const wake of wakes) wake();
    },
    // Each stream ends with its subscription.
    close: () => wakes.clear(),
  };
}
