import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance } from "fastify";

const inProcess = new AsyncLocalStorage<true>();

/** Whether this process itself sent the request that is being served, through `inProcessFetch`. */
export const isInProcess = (): boolean => inProcess.getStore() === true;

/** The part of `fetch` that GraphQL clients use. */
export type InProcessFetch = (
  url: string | URL,
  init?: { readonly method?: "GET" | "POST" | "PUT"; readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
) => Promise<Response>;

/** Returns a `fetch` for the routes of an app, without a socket. Every hook, limit, and header is the same as over HTTP. */
export function inProcessFetch(app: FastifyInstance): InProcessFetch {
  return async (url, { method = "GET", headers = {}, body } = {}) => {
    const { host, pathname, search } = new URL(url);
    const target = `${pathname}${search}`;
    const answer = await inProcess.run(true, async () =>
      app.inject({ method, url: target, headers: { host, ...headers }, ...(body !== undefined && { payload: body }) }),
    );
    return new Response(answer.body, {
      status: answer.statusCode,
      headers: { "content-type": String(answer.headers["content-type"] ?? "") },
    });
  };
}
