import type { FastifyInstance } from "fastify";
import { HttpRefusal } from "./refusal.js";

const jsonContentType = /^application\/json\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i;

/**
 * One way to write a body: JSON, UTF-8, not compressed. A form or `text/plain` post needs no preflight and so could come from any page;
 * a compressed one could be a bomb.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") {
      done(new HttpRefusal(415, "Compressed requests are not accepted."));
    } else if (!jsonContentType.test(request.headers["content-type"] ?? "")) {
      done(new HttpRefusal(415, "The body must be sent as Content-Type: application/json, in UTF-8."));
    } else {
      try {
        done(null, JSON.parse(utf8.decode(body)));
      } catch {
        done(new HttpRefusal(400, "The body is not JSON in UTF-8."));
      }
    }
  });
}
