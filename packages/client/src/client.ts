import { shapeOf, textOf, type GraphQLDocument, type JsonObject, type Print } from "./document.js";
import { errorsOf, NetworkError, UnknownOutcomeError, WeftError } from "./errors.js";
import { signedOut } from "./live/close.js";
import { eventsOf } from "./live/events.js";
import { createLive, type LiveObserver } from "./live/live.js";
import { newKey, withKeys } from "./requests/idempotency.js";
import { OwnWrites } from "./requests/own-writes.js";
import { abortable } from "./requests/abortable.js";
import { post, type Fetch, type Received } from "./requests/http.js";
import { Refused, type Answer } from "./requests/answer.js";
import { endOtherSessions } from "./requests/operations.js";
import { retrying } from "./requests/retry.js";
import { fixedAccess, headersOf, type Access, type Authenticator } from "./session/access.js";
import { cookieKeeper, tokenKeeper } from "./session/keepers.js";
import { createSession, fixedSession, sessionKeyOf, type Session } from "./session/session.js";
import { defaultStore, type SessionStore } from "./session/store.js";

export interface WeftClientOptions {
  /** Where Weft is: `https://weft.example.com`. */
  readonly url: string;
  /** Name of the application, by which the administrators of Weft see what it uses (`docs/how-to/api-versions.md`). */
  readonly name?: string;
  /** Version of the application. */
  readonly version?: string;
  /** Default: `/graphql`. Applications for vendors can use `/vendor-portal/graphql`. */
  readonly path?: string;
  /**
   * How the session of a user is kept. `tokens` (default): in `store`. `cookies`: in cookies that no script can read, for pages of the same site as Weft
   * (`docs/how-to/cookies.md`).
   */
  readonly session?: "tokens" | "cookies";
  /** Default: `localStore()` in browsers, so that the session outlives the page, and `memoryStore()` elsewhere. */
  readonly store?: SessionStore;
  /** API key of a program, instead of a session. */
  readonly apiKey?: string;
  /** Access token of somebody else's request, instead of a session. Called for each request. */
  readonly accessToken?: () => string | Promise<string>;
  /**
   * How long requests that can be repeated are repeated while Weft cannot be reached, restarts, or is too busy, in ms. Default: 30,000. 0: never. Queries
   * can be repeated, and mutations with an idempotency key.
   */
  readonly retryForMs?: number;
  /**
   * Whether each request and subscription sees the writes of this client, whichever server of Weft answers it (`docs/how-to/read-your-writes.md`). Set it if
   * there are several. Default: false
   */
  readonly readsOwnWrites?: boolean;
  /** How long to wait for an answer, in ms. Default: 30,000 */
  readonly timeoutMs?: number;
  /** Default: the global one. */
  readonly fetch?: Fetch;
  /** For Node before version 22, which has none: the class of the package `ws`. */
  readonly webSocket?: unknown;
  /**
   * How events come. Default: over WebSocket, or over HTTP where no WebSocket gets through. `sse`: over HTTP only, as server-sent events, with a
   * connection for each subscription (`docs/how-to/live-over-http.md`).
   */
  readonly transport?: "websocket" | "sse";
  /**
   * How long events come over HTTP where no WebSocket gets through, before the client tries a WebSocket again, in ms. While none gets through, it waits twice
   * as long each time, up to an hour. Default: 300,000
   */
  readonly retryWebSocketAfterMs?: number;
  /**
   * Operations that the application has stored (`docs/how-to/stored-operations.md`): its ID, `app_…` or `app_…/STAGING`, and the texts by their IDs, as GraphQL Code
   * Generator and Relay write them. Requests then have the ID instead of the text. Other texts are sent as they are.
   */
  readonly stored?: { readonly application: string; readonly documents: Readonly<Record<string, string>> };
  /** `print` of graphql, if documents are syntax trees. */
  readonly print?: Print;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** For documents with several operations. */
  readonly operationName?: string | undefined;
  /** Key of this call. Default: a new one. Mutations that take none ignore it. */
  readonly idempotencyKey?: string | undefined;
  /** Whether a mutation without a key can be executed twice without harm, so that it is repeated like one with a key. */
  readonly isIdempotent?: boolean | undefined;
}

/** A client of the Weft API. Functions that work with it: `uploadFile`, `downloadFile`, `nodesOf`, `updateLatest`. */
export interface WeftClient {
  readonly session: Session;
  /**
   * Runs a query.
   *
   * @throws WeftError of the class of its code, if a field failed. Its `data` has the other fields
   */
  query<Result = JsonObject, Variables = JsonObject>(
    document: GraphQLDocument<Result, Variables>,
    variables?: Variables,
    options?: RequestOptions,
  ): Promise<Result>;
  /**
   * Runs a mutation. Inputs that take an idempotency key get one, so that a mutation whose answer was lost is sent again and still executed once.
   *
   * @throws WeftError of the class of its code
   * @throws UnknownOutcomeError if the answer was lost for good: the mutation may have been executed
   */
  mutate<Result = JsonObject, Variables = JsonObject>(
    document: GraphQLDocument<Result, Variables>,
    variables?: Variables,
    options?: RequestOptions,
  ): Promise<Result>;
  /** Runs a query or a mutation, and returns what could be answered, with the errors of fields. @throws NetworkError, UnknownOutcomeError */
  execute<Result = JsonObject, Variables = JsonObject>(
    document: GraphQLDocument<Result, Variables>,
    variables?: Variables,
    options?: RequestOptions,
  ): Promise<Answer<Result>>;
  /**
   * Follows events. To miss none, ask for `liveCursor` in the query that loads the data, pass it as `after`, and select `cursor`. The subscription
   * reconnects and resumes by itself.
   *
   * @returns a function that ends the subscription
   * @throws TypeError if the subscription can neither resume nor tell of gaps
   */
  subscribe<Result = JsonObject, Variables = JsonObject>(
    document: GraphQLDocument<Result, Variables>,
    variables: Variables,
    observer: LiveObserver<Result>,
  ): () => void;
  /** As `subscribe`, for `for await`. Events wait until they are asked for. Ends when the loop is left, or `signal` is aborted. @throws WeftError */
  events<Result = JsonObject, Variables = JsonObject>(
    document: GraphQLDocument<Result, Variables>,
    variables: Variables,
    options?: { readonly signal?: AbortSignal } & Pick<LiveObserver<Result>, "status" | "gap">,
  ): AsyncGenerator<Result, void, void>;
  /** Returns the whole URL of a link of the API, such as that of a file. */
  resolve(link: string): string;
  /** The function that sends its requests. */
  readonly fetch: Fetch;
  /** Repeats work of your own while it fails with a WeftError with `isRetryable`, as the client repeats requests. */
  repeating<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Ends all subscriptions, and closes the connection. The session stays. Requests still work. */
  close(): void;
}

/** Refusals of the caller that say nothing about what an earlier attempt has done. */
const ofCaller = new Set(["UNAUTHENTICATED", "MFA_REQUIRED", "REAUTH_REQUIRED", "FORBIDDEN", "TENANT_SUSPENDED", "INTERNAL"]);

/** Headers of a request, and members of connection_init, with which an application names itself. */
const namedAs = ({ name, version, stored }: Pick<WeftClientOptions, "name" | "version" | "stored">): Record<string, string> => ({
  ...(stored && { "weft-application": stored.application }),
  ...(name !== undefined && { "apollographql-client-name": name }),
  ...(version !== undefined && { "apollographql-client-version": version }),
});

/** Creates a client. It does nothing until it is used. */
export function createWeftClient(options: WeftClientOptions): WeftClient {
  const { path = "/graphql", retryForMs = 30_000, timeoutMs = 30_000, print, webSocket } = options;
  const base = options.url.replace(/\/+$/, "");
  const url = `${base}${path}`;
  const fetcher: Fetch = options.fetch ?? ((input, init) => fetch(input, init));
  const named = namedAs(options);
  const ownWrites = options.readsOwnWrites ? new OwnWrites() : undefined;
  const repeating = <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => retrying(work, { forMs: retryForMs, signal });

  const storedIds = new Map(Object.entries(options.stored?.documents ?? {}).map(([id, text]) => [text, id]));
  /** Over WebSocket, the protocol requires a text. */
  const payloadOf = (text: string): { readonly query: string; readonly documentId?: string } => {
    const documentId = storedIds.get(text);
    return documentId === undefined ? { query: text } : { query: "", documentId };
  };

  const send = (body: JsonObject, access: Access, signal?: AbortSignal, waitMs = timeoutMs): Promise<Received> =>
    post(url, body, {
      fetch: fetcher,
      headers: { ...headersOf(access), ...named },
      credentials: access.isCookie ? "include" : undefined,
      signal,
      timeoutMs: waitMs,
    });
  const dataOf = ({ data, errors, requestId }: Received): JsonObject => {
    const [error] = errorsOf(errors, { requestId, data });
    if (error) throw error;
    return data as JsonObject;
  };
  const run = async (query: string, variables: object, access: Access, withinMs?: number): Promise<JsonObject> =>
    dataOf(await send({ query, variables }, access, undefined, withinMs));
  const endOthers = async (access: Access): Promise<void> => void (await run(endOtherSessions, {}, access));
  const postSession = async (under: string, body?: object, withinMs = timeoutMs): Promise<unknown> =>
    dataOf(
      await post(`${base}/session${under}`, body as JsonObject | undefined, {
        fetch: fetcher,
        headers: { "apollo-require-preflight": "1" },
        credentials: "include",
        timeoutMs: withinMs,
      }),
    );

  const fixed = options.apiKey ?? options.accessToken;
  const kept = fixed
    ? null
    : createSession({
        keeper: options.session === "cookies" ? cookieKeeper(postSession) : tokenKeeper(run),
        store: options.store ?? defaultStore(`weft:session:${url}`),
        endOthers,
        retrying: repeating,
      });
  const authenticator: Authenticator = kept ?? fixedAccess(fixed ?? "");
  const session: Session = kept ?? fixedSession();

  const execute: WeftClient["execute"] = async <Result, Variables>(
    document: GraphQLDocument<Result, Variables>,
    variables?: Variables,
    { signal, operationName, idempotencyKey, isIdempotent = false }: RequestOptions = {},
  ): Promise<Answer<Result>> => {
    const query = textOf(document, print);
    const shape = shapeOf(query, operationName);
    const isMutation = shape.kind === "mutation";
    const given = (variables ?? {}) as JsonObject;
    const keyed = isMutation ? withKeys(shape, given, idempotencyKey ?? newKey()) : { variables: given, isRepeatable: true, key: null };
    const body = { ...payloadOf(query), variables: keyed.variables, ...(operationName !== undefined && { operationName }) };
    let sessionKey: string | null | undefined;
    let wasLost = false;

    /** What one user has asked for is not sent for the next one, who has logged in meanwhile. */
    const access = async (refused?: Access): Promise<Access> => {
      const found = await abortable(authenticator.access(refused), signal);
      sessionKey ??= found.sessionKey;
      if (found.sessionKey !== sessionKey) throw signedOut();
      return found;
    };
    const sendOnce = async (found: Access): Promise<Received> => {
      const sentAt = performance.now();
      const extensions = ownWrites?.extensions(found.sessionKey, isMutation);
      try {
        const received = await send({ ...body, ...(extensions && { extensions }) }, found, signal);
        // Nothing was executed.
        if (ownWrites?.areRefused(received.errors, extensions)) return await sendOnce(found);
        ownWrites?.received(found.sessionKey, received.extensions, sentAt);
        return received;
      } catch (error) {
        wasLost ||= error instanceof NetworkError;
        throw error;
      }
    };
    const attempt = async (): Promise<Answer<Result>> => {
      const first = await access();
      let received = await sendOnce(first);
      if (received.status === 401 && first.id !== null) {
        // Nothing was executed.
        const renewed = await access(first);
        if (renewed.id !== first.id) received = await sendOnce(renewed);
      }
      const { data, requestId } = received;
      const errors = errorsOf(received.errors, { requestId, data });
      const answer = { data: data as Result | null, errors, requestId };
      // What was answered in part is of use. A mutation is repeated as a whole: what has succeeded is answered again.
      const isEmpty = !data || Object.values(data).every((value) => value === null);
      const [error] = errors;
      if (error && (isMutation || isEmpty) && errors.every(({ isRetryable }) => isRetryable)) throw new Refused(answer, error);
      return answer;
    };
    const unknownOutcome = (cause: unknown): UnknownOutcomeError => new UnknownOutcomeError(keyed.key, { cause });

    let answer: Answer<Result>;
    try {
      answer = await (keyed.isRepeatable || isIdempotent ? repeating(attempt, signal) : attempt());
    } catch (error) {
      if (isMutation && wasLost && error instanceof WeftError) throw unknownOutcome(error);
      if (!(error instanceof Refused)) throw error;
      answer = error.answer as Answer<Result>;
    }
    const refusal = answer.errors.find(({ code }) => ofCaller.has(code));
    if (isMutation && wasLost && refusal) throw unknownOutcome(refusal);
    return answer;
  };
  const runOne: WeftClient["query"] = async (document, variables, requestOptions) => {
    const { data, errors } = await execute(document, variables, requestOptions);
    if (errors[0]) throw errors[0];
    return data as never;
  };

  const live = createLive({
    url,
    transport: options.transport,
    retryWebSocketAfterMs: options.retryWebSocketAfterMs ?? 300_000,
    fetch: fetcher,
    payloadOf,
    authenticator,
    named,
    webSocket,
    onRevoked: (key) => kept?.ended(key, "revoked"),
    sessionKey: () => sessionKeyOf(session.state),
    onSession: (listener) => session.subscribe(listener),
    extensions: () => ownWrites?.extensions(sessionKeyOf(session.state), false),
    areTokensRefused: (error, sent) => ownWrites?.areRefused([error], sent) === true,
  });
  const subscribe: WeftClient["subscribe"] = (document, variables, observer) =>
    live.subscribe(textOf(document, print), variables as JsonObject, observer as LiveObserver<unknown>);

  return {
    session,
    query: runOne,
    mutate: runOne,
    execute,
    subscribe,
    events: (document, variables, given) => eventsOf((observer) => subscribe(document, variables, observer), given),
    resolve: (link) => new URL(link, base).href,
    fetch: fetcher,
    repeating,
    close: () => {
      live.close();
      kept?.close();
    },
  };
}
