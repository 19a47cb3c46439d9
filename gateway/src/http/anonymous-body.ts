import { Transform } from "node:stream";
import type { Readable } from "node:stream";
import type { IncomingHttpHeaders } from "node:http";
import { HttpRefusal } from "./refusal.js";

/** Bytes of a request's body as its header says; of one that does not say, all that it may have. */
export function announcedBytes(headers: IncomingHttpHeaders, max: number): number {
  const announced = Number(headers["content-length"]);
  if (Number.isSafeInteger(announced)) return announced;
  return headers["transfer-encoding"] === undefined ? 0 : max;
}

/** Holds the body of a request without a login to fewer bytes than one with a login may have: before it is read where its length is announced, else while it is. */
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
  payload.once("error", (error) => bounded.destroy(error));
  return payload.pipe(bounded);
}

const tooLarge = (max: number): HttpRefusal =>
  new HttpRefusal(413, `A request without a login may have ${max} bytes. Log in, and send the access token with the request.`);
