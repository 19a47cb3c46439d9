import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { ModelReply } from "@weft/standalone/models/model-reply";
import { serveHttp } from "../network/http-server.js";
import { writeAnthropic } from "./anthropic-wire.js";
import { writeOpenAi } from "@weft/standalone/models/openai-wire";

/** An answer that is not one of a model, such as an error or nonsense. */
export interface RawReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What follows the body later. */
  readonly rest?: Promise<string>;
  /** Whether the connection breaks after the body. */
  readonly isBroken?: boolean;
  /** Sent again and again, as fast as the client reads, until it goes away or that many bytes are sent. */
  readonly repeated?: { readonly chunk: string; readonly maxBytes: number };
}

/** A request as the server received it. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: {
    readonly model: string;
    readonly stream?: boolean;
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
    readonly [key: string]: unknown;
  };
}

export interface ModelServer {
  /** Base URL for providers of the kind OPENAI_COMPATIBLE. */
  readonly openAiUrl: string;
  /** Base URL for providers of the kind ANTHROPIC. */
  readonly anthropicUrl: string;
  /** `host:port`, for the outbound policy of tests. */
  readonly host: string;
  /** Answers requests for a model from now on. */
  answer(model: string, reply: (request: SeenRequest) => ModelReply | RawReply | Promise<ModelReply | RawReply>): void;
  /** Requests for a model, in their order. */
  requestsOf(model: string): readonly SeenRequest[];
  close(): Promise<void>;
}

/**
 * Starts a substitute for model providers. It speaks their real wire formats, streaming included: OpenAI's chat completions and Anthropic's messages.
 * It contains no model: what is answered is scripted. Models of concurrent tests need different names.
 */
export async function startModelServer(): Promise<ModelServer> {
  const replies = new Map<string, Parameters<ModelServer["answer"]>[1]>();
  const seen = new Map<string, SeenRequest[]>();
  const server = await serveHttp((request, response) => {
    void serve(request, response, { replies, seen }).catch((error: unknown) => response.destroy(error as Error));
  });
  const { host } = server;
  return {
    openAiUrl: `http://${host}/v1`,
    anthropicUrl: `http://${host}/anthropic/v1`,
    host,
    answer: (model, reply) => void replies.set(model, reply),
    requestsOf: (model) => seen.get(model) ?? [],
    close: () => server.close(),
  };
}

interface Scripts {
  readonly replies: ReadonlyMap<string, Parameters<ModelServer["answer"]>[1]>;
  readonly seen: Map<string, SeenRequest[]>;
}

async function serve(request: IncomingMessage, response: ServerResponse, { replies, seen }: Scripts): Promise<void> {
  const body = JSON.parse(await text(request)) as SeenRequest["body"];
  const path = request.url ?? "";
  const known = { path, headers: request.headers, body };
  seen.set(body.model, [...(seen.get(body.model) ?? []), known]);
  const reply = replies.get(body.model);
  if (!reply || !/^(\/v1\/chat\/completions|\/anthropic\/v1\/messages)$/.test(path)) {
    const error = { error: { message: `The model ${body.model} does not exist.`, type: "invalid_request_error", code: "model_not_found" } };
    response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(error));
    return;
  }
  const given = await reply(known);
  if ("status" in given || "body" in given || "repeated" in given) return writeRaw(response, given);
  const write = path === "/v1/chat/completions" ? writeOpenAi : writeAnthropic;
  write(response, { model: body.model, isStreamed: body.stream === true, reply: given as ModelReply });
}

async function writeRaw(
  response: ServerResponse,
  { status = 200, headers, body = "", rest, isBroken = false, repeated }: RawReply,
): Promise<void> {
  response.writeHead(status, { "content-type": repeated ? "text/event-stream" : "application/json", ...headers });
  if (isBroken) return void response.write(body, () => response.destroy());
  response.write(body);
  if (rest) response.write(await rest);
  if (repeated) {
    const gone = once(response, "close");
    for (let sent = 0; sent < repeated.maxBytes && !response.closed; sent += repeated.chunk.length) {
      if (response.write(repeated.chunk)) continue;
      const stop = new AbortController();
      await Promise.race([once(response, "drain", { signal: stop.signal }).catch(() => undefined), gone]);
      stop.abort();
    }
  }
  response.end();
}
