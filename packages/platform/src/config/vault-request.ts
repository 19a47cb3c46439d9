/** Requests to Vault-compatible servers, and what their refusals mean. Source: the HTTP API of HashiCorp Vault, which OpenBao shares. */
import { z } from "zod";
import type { VaultConfig } from "./config.js";
import { StartRefused } from "./start-refused.js";

const TIMEOUT_MS = 5_000;
/** Vault stores secrets of up to 1 MiB by default. */
const MAX_BODY_BYTES = 4_000_000;

const errorsSchema = z.object({ errors: z.array(z.string()) });

export interface VaultRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Path in the API, after `/v1/`. */
  readonly path: string;
  readonly body?: object;
}

/** An answer. 404 is one, too: it depends on the path what it means. */
export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A refused request. The message contains no token, and nothing that was sent. */
export class VaultRefusal extends Error {
  override readonly name = "VaultRefusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends a request. Without a token, for logins.
 * @throws VaultRefusal if the server refuses the token or the request; StartRefused if it cannot be reached or is sealed
 */
export async function requestVault(
  { url, namespace }: Pick<VaultConfig, "url" | "namespace">,
  { method, path, body }: VaultRequest,
  token?: string,
): Promise<VaultAnswer> {
  const answer = await fetch(new URL(`/v1/${path}`, url), {
    method,
    headers: {
      ...(token !== undefined && { "X-Vault-Token": token }),
      // Vault's agents and proxies refuse requests without it, because no page in a browser can send it.
      "X-Vault-Request": "true",
      ...(namespace !== undefined && { "X-Vault-Namespace": namespace }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // A redirect would send the token to another server.
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
    .then(async ({ ok, status, body: received }) => ({ ok, status, text: await textOf(received) }))
    .catch((error: unknown) => {
      throw new StartRefused(`WEFT_VAULT_URL: ${url} cannot be reached: ${reasonOf(error)}`, { isFinal: false, cause: error });
    });
  const { ok, status, text } = answer;
  if (ok || status === 404) return { status, body: jsonOf(text) };
  const errors = errorsSchema.safeParse(jsonOf(text)).data?.errors.join("; ") ?? "";
  const said = `answered with ${status}${errors === "" ? "" : ` (${errors.slice(0, 500)})`}`;
  if (status === 400 || status === 403) throw new VaultRefusal(status, `${url} ${said}`);
  throw new StartRefused(`WEFT_VAULT_URL: ${url} ${said}. 503 means that it is sealed or in maintenance`, { isFinal: false });
}

/** @throws Error if the body breaks off, or is longer than any secret */
async function textOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the answer is longer than ${MAX_BODY_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || ((cause as NodeJS.ErrnoException).code ?? message) : message;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
