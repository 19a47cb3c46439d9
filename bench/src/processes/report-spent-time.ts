import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { askedHeader, spentHeader, spentSince } from "../harness/load/servers-clock.js";

// Loaded into a measured server with `--import`. The answer to a question with `askedHeader` says in `spentHeader` how much time has passed since.
subscribe("http.server.request.start", (message) => {
  const { request, response } = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
  const asked = request.headers[askedHeader];
  if (typeof asked !== "string") return;
  const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => ServerResponse;
  response.writeHead = (...given: unknown[]) => {
    response.setHeader(spentHeader, spentSince(asked).toFixed(3));
    return writeHead(...given);
  };
});
