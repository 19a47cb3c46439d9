import { type OutboundClient, outboundClient, OutboundFailed } from "@weft/platform/outbound";
import type { Services } from "@weft/platform/services";
import type { CustomFetch } from "openid-client";

const TIMEOUT_MS = 5_000;
const MAX_RESPONSE_BYTES = 200_000;

/** The part of `fetch` that the libraries for OpenID Connect and JSON Web Keys use. */
interface FetchOptions {
  readonly method?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly signal?: AbortSignal | null;
}

type OidcFetch = (url: string, options?: FetchOptions) => Promise<Response>;

/**
 * Runs something with a `fetch` that reaches only destinations which tenants can choose, and that limits time and size. Redirects are not followed.
 * Do not call it in a transaction.
 */
export async function withOidcFetch<T>(
  { config }: Pick<Services, "config">,
  run: (fetch: OidcFetch & CustomFetch) => Promise<T>,
): Promise<T> {
  const client = outboundClient(config.outbound);
  try {
    return await run(fetchThrough(client));
  } finally {
    await client.close();
  }
}

const fetchThrough =
  (client: OutboundClient): OidcFetch =>
  async (url, { method = "GET", headers, body, signal } = {}) => {
    const text = bodyOf(body);
    const answer = await client.request({
      url,
      method: method === "POST" ? "POST" : "GET",
      headers: Object.fromEntries(new Headers(headers)),
      ...(text !== undefined && { body: text }),
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      ...(signal && { signal }),
    });
    if (answer.isTruncated) throw new OutboundFailed("PROTOCOL", `The response is longer than ${MAX_RESPONSE_BYTES} bytes.`);
    // `Response` accepts no other status.
    if (answer.status < 200 || answer.status > 599) throw new OutboundFailed("PROTOCOL", `The response has the status ${answer.status}.`);
    const isEmpty = [204, 205, 304].includes(answer.status);
    return new Response(isEmpty ? null : new Uint8Array(answer.body), { status: answer.status, headers: headersOf(answer.headers) });
  };

/** Compression is not asked for, and headers about the transfer do not describe the body as it was read. */
const headersOf = ({
  "content-encoding": _encoding,
  "content-length": _length,
  "transfer-encoding": _transfer,
  ...rest
}: Readonly<Record<string, string>>) => rest;

function bodyOf(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError("The body of a request to an identity provider is neither a text nor a form.");
}
