import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance } from "fastify";

const inProcess = new AsyncLocalStorage<InProcessOptions>();

interface InProcessOptions {
  /** Whether operations are internal: they can call what `@GatewayOnly` hides from clients. */
  readonly isInternal?: true;
}

/** Whether this process itself sent the request that is being served, through `inProcessFetch`. */
export const isInProcess = (): boolean => inProcess.getStore() !== undefined;

/** Whether the operation of the request that is being served is internal. No request over a socket is. */
export const isInternalRequest = (): boolean => inProcess.getStore()?.isInternal === true;

/** The part of `fetch` that GraphQL clients use. */
export type InProcessFetch = (
  url: string | URL,
  init?: {
    readonly method?: "GET" | "POST" | "PUT";
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array<ArrayBuffer>;
  },
) => Promise<Response>;

/** Returns a `fetch` for the routes of an app, without a socket. Every hook, limit, and header is the same as over HTTP. */
export function inProcessFetch(app: FastifyInstance, options: InProcessOptions = {}): InProcessFetch {
  return async (url, { method = "GET", headers = {}, body } = {}) => {
    const { host, pathname, search } = new URL(url);
    const target = `${pathname}${search}`;
    const answer = await inProcess.run(options, async () =>
      app.inject({
        method,
        url: target,
        headers: { host, ...headers },
        ...(body !== undefined && { payload: typeof body === "string" ? body : Buffer.from(body) }),
      }),
    );
    return new Response(answer.body, {
      status: answer.statusCode,
      headers: { "content-type": String(answer.headers["content-type"] ?? "") },
    });
  };
}
