import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { objectUrl } from "../stream.destination.js";
import { exchange, linesOf, type Transport } from "./transport.js";

const TIMEOUT_MS = 60_000;

/**
 * Writes an object with a line of JSON for each entry. Its name is the first place of the chain, padded with zeros: a list of the objects is in the order of
 * the chain, and a repetition replaces what it repeats, so the bucket has each entry once. The SDK's client is not used, because it would connect to
 * addresses inside the network, too.
 */
export const sendToS3: Transport = async ({ url, access, entries }, outside) => {
  const { region = "", accessKeyId = "", secretAccessKey = "" } = access;
  const name = `${String(entries[0]?.sequence).padStart(15, "0")}.jsonl`;
  const { host, hostname, port, protocol, pathname, href } = new URL(objectUrl(url, name));
  const body = linesOf(entries);
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const signed = await signer.sign({
    method: "PUT",
    protocol,
    hostname,
    ...(port !== "" && { port: Number(port) }),
    path: pathname,
    query: {},
    headers: { host, "content-type": "application/x-ndjson" },
    body,
  });
  const { host: _host, ...headers } = signed.headers;
  await exchange(outside, "The storage", {
    url: href,
    method: "PUT",
    headers: { ...headers, "user-agent": "Weft" },
    body,
    timeoutMs: TIMEOUT_MS,
  });
};

/** The hash of Node.js, as the signer calls it. */
class Sha256 {
  #hash;

  constructor(secret?: Uint8Array | string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  /** The signer makes a new one for each hash. */
  reset(): void {
    throw new Error("The hash cannot be used again.");
  }
}

function bytesOf(data: Uint8Array | string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
