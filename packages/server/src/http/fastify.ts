/** A plugin for Fastify. */
import { problemType, unauthenticated } from "./problem.js";
import { createVerify, type Caller, type CallerOptions } from "./verify.js";

interface Reply {
  code(status: number): Reply;
  type(type: string): Reply;
  send(body: unknown): Reply;
}
interface Request {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  caller?: Caller | null;
}

/** What is used of Fastify. */
interface Instance {
  decorateRequest(name: string, value: null): unknown;
  addHook(name: "onRequest", hook: (request: Request, reply: Reply) => Promise<unknown>): unknown;
}

/**
 * Verifies the caller's access token, and puts the caller with a client on each request of this scope (`request.caller`). Answers 401 if there is none.
 *
 * ```ts
 * await app.register(async (scope) => {
 *   weftCallerOf(scope, { url });
 *   scope.get("/tasks", ({ caller }) => caller.weft.query("{ tasks(first: 20) { edges { node { title } } } }"));
 * });
 * ```
 */
export function weftCallerOf(scope: Instance, options: CallerOptions): void {
  const verify = createVerify(options);
  scope.decorateRequest("caller", null);
  scope.addHook("onRequest", async (request, reply) => {
    const { authorization } = request.headers;
    const caller = await verify(typeof authorization === "string" ? authorization : undefined);
    if (!caller) return reply.code(401).type(problemType).send(unauthenticated);
    request.caller = caller;
    return undefined;
  });
}
