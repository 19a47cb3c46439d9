/**
 * The transports of the API, each behind the same functions, so that one test can try an attack over all of them. An answer is the same value whichever
 * transport it comes over: a result, or the errors with which the operation was refused.
 */
import type { ApiResult } from "@weft/standalone";
import { until } from "../until.js";
import { type LiveMessage, openLive } from "./live-client.js";
import { openStream, type StreamClient } from "./stream-client.js";

/** An operation as it is sent. */
export interface SentBody {
  readonly query?: string;
  readonly operationName?: string;
  /** As a text: JSON that is sent as it is, for values that `JSON.stringify` does not write. */
  readonly variables?: Readonly<Record<string, unknown>> | string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface SentRequest {
  /** Of the server. */
  readonly url: string;
  readonly token: string;
  readonly body: SentBody;
  /** Of each HTTP request, and of the upgrade request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An operation that was sent over a transport. */
export interface OpenOperation {
  /** Results so far. The last one can be the reason for which the server has ended the connection. */
  readonly results: readonly ApiResult[];
  /** Whether the server has ended it: nothing more can come. */
  readonly hasEnded: boolean;
  /** Why the server has ended the connection. Undefined if it has given no reason, or has not ended it. */
  readonly closeCode: number | undefined;
  /** Returns the first result. */
  first(): Promise<ApiResult>;
  /** Resolves when the server has ended it. */
  ended(deadlineMs?: number): Promise<void>;
  close(): void;
}

/** Sends an operation. Resolves when it was accepted or refused: events that happen afterwards are results. */
type Send = (request: SentRequest) => Promise<OpenOperation>;

/** Transports of subscriptions, which also carry queries and mutations. */
export const liveTransports = {
  WebSocket: overSocket,
  "server-sent events": overEvents,
  "server-sent events with one connection": overSharedEvents,
  "a multipart response": overMultipart,
} as const satisfies Record<string, Send>;

export const allTransports = { "POST with a JSON response": overPost, ...liveTransports } as const satisfies Record<string, Send>;

/** Sends an operation, and returns its only answer, or the first one. */
export async function answerOver(transport: keyof typeof allTransports, request: SentRequest): Promise<ApiResult> {
  const operation = await allTransports[transport](request);
  try {
    return await operation.first();
  } finally {
    operation.close();
  }
}

const tokenHeader = "x-graphql-event-stream-token";
const operationId = "1";

const textOf = ({ variables, ...rest }: SentBody): string => {
  const members = Object.entries(rest).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  if (variables !== undefined) members.push(`"variables":${typeof variables === "string" ? variables : JSON.stringify(variables)}`);
  return `{${members.join(",")}}`;
};

interface Arrived extends Pick<OpenOperation, "results" | "hasEnded"> {
  /** Default: that of the last result. */
  readonly closeCode?: number | undefined;
}

interface Opened {
  /** Reads what has arrived so far. */
  readonly look: () => Arrived;
  /** What has arrived, for the message of a failure. */
  readonly shown: () => string;
  readonly close: () => void;
}

function operationOf({ look, shown, close }: Opened): OpenOperation {
  const within = async <T>(deadlineMs: number, what: string, find: () => T | undefined): Promise<T> => {
    try {
      return (await until(find, { what, deadlineMs })) as T;
    } catch (error) {
      throw new Error(`Not ${what}, but ${shown()}`, { cause: error });
    }
  };
  return {
    get results() {
      return look().results;
    },
    get hasEnded() {
      return look().hasEnded;
    },
    get closeCode() {
      const { results, closeCode } = look();
      return closeCode ?? (results.at(-1)?.errors?.[0]?.extensions?.["closeCode"] as number | undefined);
    },
    first: () => within(20_000, "there is a result", () => look().results[0]),
    ended: async (deadlineMs = 10_000) => void (await within(deadlineMs, "it has ended", () => look().hasEnded || undefined)),
    close,
  };
}

const streamOperation = (stream: StreamClient, look: () => Arrived): OpenOperation =>
  operationOf({ look, shown: () => `${stream.response.status} ${stream.text.slice(0, 1_000)}`, close: () => stream.close() });

/** The answer of a request whose response is a JSON text. */
const jsonOperation = (stream: StreamClient): OpenOperation =>
  streamOperation(stream, () => ({
    results: stream.hasEnded && stream.text !== "" ? [JSON.parse(stream.text) as ApiResult] : [],
    hasEnded: stream.hasEnded,
  }));

const isJson = ({ response }: StreamClient): boolean => /^application\/(?:\S+\+)?json\b/.test(response.headers.get("content-type") ?? "");

const post = ({ url, token, body, headers }: SentRequest, accept: string): Promise<StreamClient> =>
  openStream(`${url}/graphql`, { token, accept, rawBody: textOf(body), ...(headers && { headers }) });

async function overPost(request: SentRequest): Promise<OpenOperation> {
  return jsonOperation(await post(request, "application/json"));
}

async function overEvents(request: SentRequest): Promise<OpenOperation> {
  const stream = await post(request, "text/event-stream");
  if (isJson(stream)) return jsonOperation(stream);
  return streamOperation(stream, () => ({
    results: stream.events.flatMap(({ event, data }) => (event === "next" ? [data as ApiResult] : [])),
    hasEnded: stream.hasEnded,
  }));
}

async function overSharedEvents(request: SentRequest): Promise<OpenOperation> {
  const { url, token, body, headers = {} } = request;
  const reservation = await openStream(`${url}/graphql`, { token, headers, method: "PUT", accept: "*/*" });
  await reservation.ended();
  if (reservation.response.status !== 201) return jsonOperation(reservation);
  const withToken = { ...headers, [tokenHeader]: reservation.text };
  const stream = await openStream(`${url}/graphql`, { token, headers: withToken });
  const sent = { ...body, extensions: { ...body.extensions, operationId } };
  const started = await post({ ...request, headers: withToken, body: sent }, "application/json");
  if (started.response.status !== 202) {
    await started.ended();
    stream.close();
    return jsonOperation(started);
  }
  return streamOperation(stream, () => ({
    results: stream.events.flatMap(({ event, data }) => (event === "next" ? [(data as { readonly payload: ApiResult }).payload] : [])),
    hasEnded: stream.hasEnded || stream.events.some(({ event }) => event === "complete"),
  }));
}

async function overMultipart(request: SentRequest): Promise<OpenOperation> {
  const stream = await post(request, "multipart/mixed;subscriptionSpec=1.0, application/json");
  if (isJson(stream)) return jsonOperation(stream);
  return streamOperation(stream, () => ({ results: resultsOfParts(stream.text), hasEnded: stream.hasEnded }));
}

/** Results in the parts of a multipart response. Parts without one are heartbeats. */
function resultsOfParts(text: string): ApiResult[] {
  const parts = text.split("\r\n--graphql").slice(1, -1);
  return parts.flatMap((part) => {
    const { payload, errors } = JSON.parse(part.slice(part.indexOf("\r\n\r\n"))) as { payload?: ApiResult | null } & ApiResult;
    return payload ? [payload] : errors ? [{ errors }] : [];
  });
}

async function overSocket({ url, token, body, headers }: SentRequest): Promise<OpenOperation> {
  const client = await openLive(url, { token, ...(headers && { headers }) });
  client.sendRaw(`{"type":"subscribe","id":"${operationId}","payload":${textOf(body)}}`);
  // A round trip: what was sent before was processed.
  client.send({ type: "subscribe", id: "settled", payload: { query: "{ __typename }" } });
  await client.message(({ id, type }) => id === "settled" && type !== "next");
  const ofOperation = () => client.messages.filter(({ id }) => id === operationId);
  const resultOf = ({ type, payload }: LiveMessage): ApiResult[] =>
    type === "next" ? [payload as ApiResult] : type === "error" ? [{ errors: payload } as ApiResult] : [];
  return operationOf({
    look: () => ({
      results: ofOperation().flatMap(resultOf),
      hasEnded: client.closeCode !== undefined || ofOperation().some(({ type }) => type !== "next"),
      closeCode: client.closeCode,
    }),
    shown: () => `${JSON.stringify(client.messages).slice(0, 1_000)} and the close code ${client.closeCode}`,
    close: () => client.close(),
  });
}
