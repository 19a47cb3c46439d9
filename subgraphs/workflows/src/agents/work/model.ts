import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, type LanguageModelV4, type LanguageModelV4FunctionTool, type LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Redactor } from "@weft/engine";
import { quote } from "@weft/shared/errors";
import { storable } from "@weft/shared/texts";
import { type OutboundClient, OutboundFailed } from "@weft/platform/outbound";
import type { UsedAgent } from "../agent-definition.js";
import { writtenText } from "./written-text.js";

/** Bytes of an answer that are read. A longer one is refused. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Characters of an answer's text that are kept. */
const MAX_TEXT = 262_144;
/** Code of the failure if the provider does not accept the API key. Somebody has to replace it. */
export const MODEL_KEY_REFUSED = "MODEL_KEY_REFUSED";
/** Codes with which providers refuse a key with the status 403, which they also use for other reasons, such as contents that they do not allow. */
const REFUSES_KEY = /"(invalid_api_key|authentication_error|permission_error|PERMISSION_DENIED)"/;
/** Tools that a model can call in one answer. */
export const MAX_TOOL_CALLS = 32;
const MAX_ARGUMENTS = 65_536;

/** A tool that a model wants to call. `arguments` is its text: it is not trusted, and can be anything. */
export interface WantedCall {
  readonly id: string;
  readonly tool: string;
  readonly arguments: string;
}

export interface Tokens {
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly isEstimated: boolean;
}

export interface ModelAnswer {
  readonly text: string;
  readonly wanted: readonly WantedCall[];
  readonly reason: string;
  readonly tokens: Tokens;
}

/** A model gave no complete answer. */
export class ModelFailed extends Error {
  readonly code: string;
  readonly isFinal: boolean;
  /** What is known of the tokens that were used. Null: none were, because the request was refused. */
  readonly tokens: Tokens | null;
  /** How long the provider asks to wait. Null: it does not say. */
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, { isFinal, tokens = null, retryAfterMs = null }: FailureFacts) {
    super(storable(message.slice(0, 1000)));
    this.name = "ModelFailed";
    this.code = code;
    this.isFinal = isFinal;
    this.tokens = tokens;
    this.retryAfterMs = retryAfterMs;
  }
}

interface FailureFacts {
  readonly isFinal: boolean;
  readonly tokens?: Tokens | null;
  readonly retryAfterMs?: number | null;
}

export interface ModelRequest {
  readonly agent: UsedAgent;
  readonly apiKey: string | null;
  /** Removes the API key. */
  readonly redactor: Redactor;
  /** Called with what the model writes, as it arrives, without the API key. */
  readonly onText: (text: string) => void;
  readonly prompt: LanguageModelV4Prompt;
  readonly tools: readonly LanguageModelV4FunctionTool[];
  readonly maxOutputTokens: number;
  readonly outbound: OutboundClient;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a model once. The SDK only translates: its requests are sent by the guarded client, and it repeats none, because the durable engine does.
 * @throws ModelFailed
 */
export async function askModel(request: ModelRequest): Promise<ModelAnswer> {
  const { prompt, tools, maxOutputTokens, signal } = request;
  const sent = { isReceived: false };
  const model = modelOf(request, sent);
  const progress = { text: "" };
  try {
    const { stream } = await model.doStream({
      prompt,
      maxOutputTokens,
      abortSignal: signal,
      ...(tools.length > 0 && { tools: [...tools], toolChoice: { type: "auto" } }),
    });
    return await answerOf(stream, progress, request);
  } catch (error) {
    const failed = failureOf(error, request, sent.isReceived ? estimated(prompt, progress.text) : null);
    throw failed;
  }
}

/** The number of tokens if the provider does not say it: about four characters make a token. */
export const estimated = (prompt: LanguageModelV4Prompt, text: string): Tokens => ({
  tokensIn: Math.ceil(JSON.stringify(prompt).length / 4),
  tokensOut: Math.ceil(text.length / 4),
  isEstimated: true,
});

function modelOf({ agent, apiKey, outbound, timeoutMs, signal }: ModelRequest, sent: { isReceived: boolean }): LanguageModelV4 {
  const { kind, baseUrl } = agent.provider;
  const fetch = guardedFetch({ outbound, timeoutMs, signal, sent });
  // Without a key of its own, the SDK would read one from the environment of the process.
  if (kind === "ANTHROPIC") return createAnthropic({ baseURL: baseUrl, apiKey: apiKey ?? "none", fetch }).languageModel(agent.model);
  return createOpenAICompatible({
    name: "model",
    baseURL: baseUrl,
    ...(apiKey !== null && { apiKey }),
    includeUsage: true,
    fetch,
  }).languageModel(agent.model);
}

/** Failures after which the provider can have worked on the request. */
const CUT: ReadonlySet<OutboundFailed["reason"]> = new Set(["TIMEOUT", "ABORTED", "PROTOCOL"]);

type Guard = Pick<ModelRequest, "outbound" | "timeoutMs" | "signal"> & { readonly sent: { isReceived: boolean } };

/**
 * A `fetch` that sends by the guarded client, which refuses private networks and bounds time and size. A successful answer is passed on while it arrives;
 * every other one when it is complete.
 */
function guardedFetch({ outbound, timeoutMs, signal, sent }: Guard): typeof globalThis.fetch {
  return (input, init) =>
    new Promise((resolve, reject) => {
      const unread = new AbortController();
      let body: ReadableStreamDefaultController<Uint8Array> | null = null;
      const begin = (status: number, headers: Readonly<Record<string, string>>): void => {
        const stream = new ReadableStream<Uint8Array>({
          start: (controller) => void (body = controller),
          cancel: () => unread.abort(),
        });
        resolve(new Response(stream, { status, headers }));
      };
      const fail = (error: unknown): void => {
        // The provider can have begun to answer, and counts what it has written.
        if (error instanceof OutboundFailed && CUT.has(error.reason)) sent.isReceived = true;
        body?.error(error);
        // Has no effect if the head of the answer has arrived.
        reject(error instanceof Error ? error : new Error("The request failed.", { cause: error }));
      };
      outbound
        .request({
          url: input instanceof Request ? input.url : String(input),
          method: "POST",
          headers: { ...Object.fromEntries(new Headers(init?.headers)), "user-agent": "Weft" },
          body: typeof init?.body === "string" ? init.body : "",
          timeoutMs,
          maxResponseBytes: MAX_ANSWER_BYTES,
          signal: AbortSignal.any([signal, unread.signal]),
          onHead: ({ status, headers }) => {
            if (status < 300) sent.isReceived = true;
            if (status === 200) begin(status, headers);
          },
          onData: (piece) => {
            if (!unread.signal.aborted) body?.enqueue(new Uint8Array(piece));
          },
        })
        .then(({ status, headers, body: whole, isTruncated }) => {
          if (isTruncated)
            throw new ModelFailed("RESPONSE_TOO_LARGE", `The model answered more than ${MAX_ANSWER_BYTES} bytes.`, { isFinal: true });
          if (status >= 300 && status < 400)
            throw new ModelFailed("MODEL_STATUS", `The provider redirects (${status}). Redirects are not followed.`, { isFinal: true });
          if (!body) resolve(new Response(new Uint8Array(whole), { status, headers }));
          else if (!unread.signal.aborted) body.close();
        })
        .catch(fail);
    });
}

type Parts = Awaited<ReturnType<LanguageModelV4["doStream"]>>["stream"];

async function answerOf(stream: Parts, progress: { text: string }, { prompt, redactor, onText }: ModelRequest): Promise<ModelAnswer> {
  const written = writtenText(redactor.stream, onText);
  try {
    return await readParts(stream, { progress, prompt, redact: redactor.text, write: written.write });
  } finally {
    written.end();
  }
}

interface Reading {
  readonly progress: { text: string };
  readonly prompt: LanguageModelV4Prompt;
  readonly redact: (text: string) => string;
  readonly write: (text: string) => void;
}

async function readParts(stream: Parts, { progress, prompt, redact, write }: Reading): Promise<ModelAnswer> {
  const wanted: WantedCall[] = [];
  let ended: Pick<ModelAnswer, "reason" | "tokens"> | null = null;
  for await (const part of stream as unknown as AsyncIterable<Parts extends ReadableStream<infer Part> ? Part : never>) {
    if (part.type === "text-delta") {
      progress.text += part.delta;
      write(part.delta);
    } else if (part.type === "tool-call") wanted.push({ id: part.toolCallId, tool: part.toolName, arguments: part.input });
    else if (part.type === "error") throw part.error;
    else if (part.type === "finish") {
      const { inputTokens, outputTokens } = part.usage;
      const guess = estimated(prompt, `${progress.text}${wanted.map((one) => one.arguments).join("")}`);
      const isEstimated = inputTokens.total === undefined || outputTokens.total === undefined;
      ended = {
        reason: part.finishReason.unified,
        tokens: { tokensIn: count(inputTokens.total, guess.tokensIn), tokensOut: count(outputTokens.total, guess.tokensOut), isEstimated },
      };
    }
  }
  const tokens = ended?.tokens ?? estimated(prompt, progress.text);
  if (ended === null || ended.reason === "interrupted" || ended.reason === "error")
    throw new ModelFailed("RESPONSE_INCOMPLETE", "The answer of the model ended before it was complete.", { isFinal: false, tokens });
  if (ended.reason === "content-filter")
    throw new ModelFailed("CONTENT_FILTERED", "The provider has filtered the answer of the model.", { isFinal: true, tokens });
  if (progress.text.length > MAX_TEXT || wanted.length > MAX_TOOL_CALLS || wanted.some((one) => one.arguments.length > MAX_ARGUMENTS))
    throw new ModelFailed(
      "RESPONSE_TOO_LARGE",
      "The answer of the model has too much text, too many calls of tools, or too long arguments.",
      {
        isFinal: true,
        tokens,
      },
    );
  // A provider that repeats the key must not bring it into rows and logs.
  const kept = (text: string): string => storable(redact(text));
  return {
    text: kept(progress.text),
    wanted: wanted.map((one) => ({ id: kept(one.id).slice(0, 200), tool: kept(one.tool).slice(0, 200), arguments: redact(one.arguments) })),
    ...ended,
  };
}

/** Numbers of providers are not trusted: a negative one would give credit. */
const count = (given: number | undefined, guess: number): number =>
  given === undefined || !Number.isSafeInteger(given) || given < 0 || given > 1_000_000_000 ? guess : given;

function failureOf(error: unknown, { agent, signal, redactor }: ModelRequest, tokens: Tokens | null): ModelFailed {
  const redact = redactor.text;
  const cause = outboundFailureOf(error);
  if (error instanceof ModelFailed)
    return error.tokens === null && tokens !== null
      ? new ModelFailed(error.code, error.message, { isFinal: error.isFinal, tokens })
      : error;
  if (cause instanceof ModelFailed) return new ModelFailed(cause.code, cause.message, { isFinal: cause.isFinal, tokens });
  if (cause instanceof OutboundFailed) {
    if (cause.reason === "FORBIDDEN") return new ModelFailed("DESTINATION_FORBIDDEN", redact(cause.message), { isFinal: true });
    return new ModelFailed(cause.reason === "TIMEOUT" ? "TIMEOUT" : "CONNECTION_FAILED", redact(cause.message), { isFinal: false, tokens });
  }
  if (signal.aborted) return new ModelFailed("TIMEOUT", "The time of the step is over.", { isFinal: false, tokens });
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400) {
    const said = redact(error.message);
    if (error.statusCode === 401 || (error.statusCode === 403 && REFUSES_KEY.test(error.responseBody ?? "")))
      return new ModelFailed(MODEL_KEY_REFUSED, refusedKey(agent, error.statusCode, said), { isFinal: true });
    const isTemporary = error.statusCode === 408 || error.statusCode === 409 || error.statusCode === 429 || error.statusCode >= 500;
    return new ModelFailed("MODEL_STATUS", `The provider answered ${error.statusCode}: ${said}`, {
      isFinal: !isTemporary,
      retryAfterMs: retryAfterOf(error.responseHeaders?.["retry-after"]),
    });
  }
  const message = error instanceof Error ? error.message : "The provider reported an error.";
  return new ModelFailed("RESPONSE_INVALID", `The answer of the model cannot be read: ${redact(message).slice(0, 300)}`, {
    isFinal: false,
    tokens,
  });
}

function refusedKey({ provider: { key, secret } }: UsedAgent, status: number, said: string): string {
  const what = secret === null ? "has no secret with an API key" : `refuses the key in the secret ${quote(secret)}`;
  return `The model provider ${quote(key)} ${what} (${status}): ${said.slice(0, 400)} Set the key, and then retry.`;
}

/** Seconds, or a date. */
function retryAfterOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** The SDK wraps what its `fetch` throws. */
function outboundFailureOf(error: unknown): unknown {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (at instanceof OutboundFailed || at instanceof ModelFailed) return at;
  return null;
}
