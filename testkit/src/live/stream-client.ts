import { createParser } from "eventsource-parser";
import { until } from "../until.js";

/** An event of a stream, with its data parsed. */
export interface StreamEvent {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** A client of server-sent events that implements the protocol directly, so that it can also violate it. */
export interface StreamClient {
  readonly response: Response;
  readonly events: readonly StreamEvent[];
  /** Everything that was received. */
  readonly text: string;
  readonly hasEnded: boolean;
  /** Whether the connection broke before the end of the response. */
  readonly wasCut: boolean;
  /** Returns the data of the first events `next`, when there are this many. */
  results(count: number, deadlineMs?: number): Promise<unknown[]>;
  /** Resolves when the server has ended the stream. */
  ended(deadlineMs?: number): Promise<void>;
  close(): void;
}

export interface StreamRequest {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: unknown;
  /** The body as it is sent, instead of `body`. */
  readonly rawBody?: string;
  /** Default: that of server-sent events. */
  readonly accept?: string;
}

/** Sends a request, and reads its response as it comes. */
export async function openStream(
  url: string,
  { token, headers, method, body, rawBody, accept = "text/event-stream" }: StreamRequest,
): Promise<StreamClient> {
  const control = new AbortController();
  const text = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method: method ?? (text === undefined ? "GET" : "POST"),
    headers: {
      accept,
      ...(text !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(text !== undefined && { body: text }),
    signal: control.signal,
  });
  const events: StreamEvent[] = [];
  let received = "";
  let hasEnded = false;
  let wasCut = false;
  const parser = createParser({
    onEvent: ({ event, id, data }) => void events.push({ event, id, data: data === "" ? undefined : JSON.parse(data) }),
  });
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        const part = decoder.decode(chunk, { stream: true });
        received += part;
        if (accept === "text/event-stream") parser.feed(part);
      }
    } catch {
      wasCut = true;
    }
    hasEnded = true;
  };
  void read();
  const shown = (): string => `${response.status} ${received.slice(0, 2_000)}`;
  return {
    response,
    events,
    get text() {
      return received;
    },
    get hasEnded() {
      return hasEnded;
    },
    get wasCut() {
      return wasCut;
    },
    results: async (count, deadlineMs = 10_000) => {
      const found = (): StreamEvent[] => events.filter(({ event }) => event === "next");
      try {
        await until(() => found().length >= count, { what: `there are ${count} results`, deadlineMs });
      } catch (error) {
        throw new Error(`There were not ${count} results, but ${shown()}`, { cause: error });
      }
      return found().map(({ data }) => data);
    },
    ended: async (deadlineMs = 10_000) => void (await until(() => hasEnded, { what: "the stream has ended", deadlineMs })),
    close: () => control.abort(),
  };
}
