import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readBody } from "../read-body.js";
import { replyOf } from "./substitute-replies.js";
import { writeOpenAi } from "./openai-wire.js";

const MAX_BODY_BYTES = 1_048_576;
const PATH = "/v1/chat/completions";

/** A local substitute for a provider of language models. */
export interface ModelSubstitute {
  /** Its address and port, for `WEFT_OUTBOUND_ALLOWED`. */
  readonly host: string;
  /** Base URL for a provider of the kind OPENAI_COMPATIBLE. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Starts the substitute on a port that only this computer reaches. It contains no model and calls nothing: it speaks OpenAI's chat completions, streaming
 * included, and answers the agents of the demo from a few templates.
 *
 * @param port Port of an earlier start, which agents that have begun to work still call. Another one is used if it is taken.
 */
export async function startModelSubstitute(port = 0): Promise<ModelSubstitute> {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await listen(server, port).catch(() => listen(server, 0));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}/v1`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Starts the substitute of a data directory, which remembers its port. */
export async function startModelSubstituteOf(dataDir: string): Promise<ModelSubstitute> {
  const file = join(dataDir, "model-substitute-port");
  const port = Number(await readFile(file, "utf8").catch(() => "0"));
  const substitute = await startModelSubstitute(Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0);
  // Without a folder that can be written, the next start has another port.
  await mkdir(dataDir, { recursive: true })
    .then(() => writeFile(file, new URL(substitute.url).port))
    .catch(() => undefined);
  return substitute;
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST" || request.url !== PATH) return refuse(response, 404, "There are only chat completions here.");
  const body = await readJson(request);
  if (body === null) return refuse(response, 400, "The body must be JSON of at most 1 MiB.");
  const { model, stream, messages } = body as { readonly model?: unknown; readonly stream?: unknown; readonly messages?: unknown };
  const reply = typeof model === "string" ? replyOf(model, messages) : null;
  if (typeof model !== "string" || reply === null) return refuse(response, 404, `The model ${String(model)} does not exist.`);
  writeOpenAi(response, { model, isStreamed: stream === true, reply });
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ error: { message, type: "invalid_request_error" } }));
}

/** Returns null if the body is too long, or is not an object. */
async function readJson(request: IncomingMessage): Promise<object | null> {
  const text = await readBody(request, { maxBytes: MAX_BODY_BYTES });
  if (text === null) return null;
  try {
    const body: unknown = JSON.parse(text.toString("utf8"));
    return typeof body === "object" && body !== null && !Array.isArray(body) ? body : null;
  } catch {
    return null;
  }
}
