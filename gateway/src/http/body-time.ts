import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether bodies can take as long as the server's `requestTimeout` allows. */
    readonly hasLongBody?: boolean;
  }
}

const timedOut = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/**
 * Limits the time in which the body of a request must arrive, except on routes for uploads. Node has one such limit for the whole server, which must
 * be long enough for a large file over a slow connection.
 */
export function limitBodyTime(app: FastifyInstance, ms: number): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const { raw } = request;
    if (hasBody(raw) && request.routeOptions.config.hasLongBody !== true) {
      const timer = setTimeout(() => {
        if (!raw.complete) raw.socket.end(timedOut, () => raw.socket.destroy());
      }, ms);
      const stop = (): void => clearTimeout(timer);
      raw.once("end", stop).once("close", stop);
    }
    done();
  });
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
