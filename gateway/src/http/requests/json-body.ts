import type { FastifyInstance } from "fastify";
import { HttpRefusal } from "../refusal.js";

const jsonContentType = /^application\/json\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i;

/**
 * Only one body format is accepted: JSON, UTF-8, uncompressed. A form or `text/plain` post needs no preflight, so any page could send it. A
 * compressed body could be a decompression bomb.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") {
      done(new HttpRefusal(415, "Compressed requests are not supported. Send the body uncompressed."));
    } else if (!jsonContentType.test(request.headers["content-type"] ?? "")) {
      done(new HttpRefusal(415, "Send the body as Content-Type: application/json, in UTF-8."));
    } else {
      try {
        done(null, JSON.parse(utf8.decode(body)));
      } catch {
        done(new HttpRefusal(400, "The body is not valid JSON in UTF-8."));
      }
    }
  });
}
