import type { Connect, ConnectOptions, Handlers } from "./watching.js";

const tokenHeader = "x-graphql-event-stream-token";
const operationId = "1";
/** A connection that ended without a reason, in the codes of WebSocket. */
const cut = 1006;

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string; readonly closeCode?: number } }[];
}

/** Something that a stream contains. */
interface Message {
  readonly result?: Result;
  /** ID of an event, or of a heartbeat. */
  readonly id?: string | undefined;
}

/** Returns the messages that a chunk completes. */
type Reader = (chunk: string) => readonly Message[];

/** Connects with server-sent events. Resumes with `Last-Event-ID`. */
export const connectEvents: Connect = async (options, handlers) => {
  const control = new AbortController();
  const response = await send(options, { control, accept: "text/event-stream", headers: resuming(options), body: bodyOf(options) });
  return follow(response, handlers, { control, read: readerOf("\n\n", (block) => eventOf(block, (data) => data as Result)) });
};

/** As `connectEvents`, with a stream that is reserved first. */
export const connectSharedEvents: Connect = async (options, handlers) => {
  const control = new AbortController();
  try {
    const reservation = await send(options, { control, method: "PUT", accept: "*/*" });
    const headers = { [tokenHeader]: await reservation.text() };
    const response = await send(options, { control, method: "GET", accept: "text/event-stream", headers });
    const resultOf = (data: unknown): Result => (data as { readonly payload: Result }).payload;
    const close = follow(response, handlers, { control, read: readerOf("\n\n", (block) => eventOf(block, resultOf)) });
    const body = { ...bodyOf(options), extensions: { operationId } };
    const started = await send(options, {
      control,
      accept: "application/json",
      headers: { ...headers, ...resuming(options) },
      body,
      isAnswer: isRefusal,
    });
    if (started.status !== 202) handlers.onRefused();
    return close;
  } catch (error) {
    control.abort();
    throw error;
  }
};

/** Connects with a multipart response. Resumes with the variable `$after`: the parts have no IDs. */
export const connectMultipart: Connect = async (options, handlers) => {
  const control = new AbortController();
  const response = await send(options, { control, accept: "multipart/mixed;subscriptionSpec=1.0", body: bodyOf(options) });
  return follow(response, handlers, { control, read: readerOf("\r\n--graphql", partOf) });
};

const bodyOf = ({ query, cursor }: ConnectOptions): object => ({ query, variables: { after: cursor } });
const resuming = ({ isResuming, cursor }: ConnectOptions): Record<string, string> => (isResuming ? { "last-event-id": cursor } : {});

/** Refusals of the subscription itself, rather than of the connection. */
const isRefusal = (status: number, { errors = [] }: Result): boolean =>
  status === 404 || status === 403
    ? errors.some(({ extensions }) => extensions?.code === "NOT_FOUND" || extensions?.code === "FORBIDDEN")
    : false;

interface Sent {
  readonly control: AbortController;
  readonly method?: string;
  readonly accept: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Whether an answer with an error is one. Default: none is. */
  readonly isAnswer?: (status: number, result: Result) => boolean;
}

/** @throws Error if the answer is an error */
async function send(
  { url, token }: ConnectOptions,
  { control, method = "POST", accept, headers, body, isAnswer = () => false }: Sent,
): Promise<Response> {
  const response = await fetch(`${url}/graphql`, {
    method,
    headers: { accept, authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
    signal: control.signal,
  });
  if (response.ok && !response.headers.get("content-type")?.startsWith("application/json")) return response;
  const text = await response.text();
  if (isAnswer(response.status, JSON.parse(text) as Result)) return response;
  throw new Error(`The stream was refused with ${response.status} ${text.slice(0, 500)}`);
}

/** Passes on what a stream contains, until its end. Returns a function that closes it. */
function follow(
  response: Response,
  handlers: Handlers,
  { control, read }: { readonly control: AbortController; readonly read: Reader },
): () => void {
  const decoder = new TextDecoder();
  let reason: number | undefined;
  const take = ({ result, id }: Message): void => {
    if (result) {
      reason ??= result.errors?.[0]?.extensions?.closeCode;
      if ("data" in result) handlers.onPayload(result);
      else if (reason === undefined) handlers.onRefused();
    }
    if (id !== undefined) handlers.onCursor(id);
  };
  const readAll = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) for (const message of read(decoder.decode(chunk, { stream: true }))) take(message);
  };
  const onEnded = (): void => handlers.onClosed(reason ?? cut);
  void readAll().then(onEnded, onEnded);
  return () => control.abort();
}

/** Reads a text whose messages have this text between them. */
function readerOf(separator: string, messageIn: (text: string) => Message | undefined): Reader {
  let rest = "";
  return (chunk) => {
    const texts = (rest + chunk).split(separator);
    rest = texts.pop() ?? "";
    return texts.flatMap((text) => messageIn(text) ?? []);
  };
}

function eventOf(block: string, resultOf: (data: unknown) => Result): Message {
  const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)] as const));
  const data = fields.get("data");
  const id = fields.get("id");
  return fields.get("event") === "next" && data !== undefined ? { result: resultOf(JSON.parse(data)), id } : { id };
}

function partOf(part: string): Message | undefined {
  const start = part.indexOf("\r\n\r\n");
  if (start < 0) return undefined;
  const { payload, errors } = JSON.parse(part.slice(start)) as { readonly payload?: Result | null } & Result;
  return payload ? { result: payload } : errors ? { result: { errors } } : undefined;
}
