import { Transform } from "node:stream";
import type { Readable } from "node:stream";
import type { IncomingHttpHeaders } from "node:http";
import { contained } from "@weft/platform/logging";
import { HttpRefusal } from "../refusal.js";

/** Returns the size of a request's body according to its header, or the maximum if the header is missing. */
export function announcedBytes(headers: IncomingHttpHeaders, max: number): number {
  const announced = Number(headers["content-length"]);
  if (Number.isSafeInteger(announced)) return announced;
  return headers["transfer-encoding"] === undefined ? 0 : max;
}

/**
 * Limits the body of a request without a login to a smaller size than one with a login: before reading if the length is announced, otherwise while
 * reading.
 */
export function boundedBody(payload: Readable, headers: IncomingHttpHeaders, max: number): Readable {
  const announced = announcedBytes(headers, max);
  if (announced > max) throw tooLarge(max);
  if (headers["transfer-encoding"] === undefined) return payload;
  let size = 0;
  const bounded = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.byteLength;
      if (size > max) done(tooLarge(max));
      else done(null, chunk);
    },
  });
  const pass = contained("a body that was cut", (error: Error) => void bounded.destroy(error));
  payload.once("error", pass);
  // Nobody reads the body of a request that is refused for another reason, such as its type.
  bounded.on("error", ignored);
  return payload.pipe(bounded);
}

const ignored = contained("an error of a body", () => undefined);

const tooLarge = (max: number): HttpRefusal =>
  new HttpRefusal(413, `A request without a login can have at most ${max} bytes. Log in, and send the access token with the request.`);

/** Number of bytes of a refused body that are cheaper to read than opening a new connection. */
export const worthReading = 16_384;
