import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { contained } from "@weft/platform/logging";
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
 * be long enough for a large file over a slow connection. Requests of this process itself (`app.inject`) have no connection, and their bodies are there.
 */
export function limitBodyTime(app: FastifyInstance, ms: number): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const { raw } = request;
    if (raw.socket instanceof Socket && hasBody(raw) && request.routeOptions.config.hasLongBody !== true) {
      const { socket } = raw;
      const cutOff = (): void => {
        if (!raw.complete) socket.end(timedOut, () => socket.destroy());
      };
      const timer = setTimeout(
        contained("the time limit of a body", cutOff, () => socket.destroy()),
        ms,
      );
      const stop = contained("the end of a body", () => clearTimeout(timer));
      raw.once("end", stop).once("close", stop);
    }
    done();
  });
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
