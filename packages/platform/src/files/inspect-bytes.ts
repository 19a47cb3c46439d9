import { createHash } from "node:crypto";
import { UploadRejected } from "@weft/shared/errors";
import { checkContent, headBytes } from "./check-content.js";
import { extensionProblem } from "./file-extension.js";

/** What was announced for the bytes of a file. */
export interface Announced {
  readonly name: string;
  readonly size: number;
  /** Null if none was announced. */
  readonly declaredType: string | null;
  /** Hexadecimal SHA-256. Null if none was announced. */
  readonly declaredSha256: string | null;
}

/** What was found in the bytes. */
export interface Inspected {
  readonly type: string;
  readonly sha256: string;
}

export interface Inspection {
  /** The bytes, passed on as they are checked. The first ones are passed on when the type is known, the last one only if all checks have passed. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** Available when all bytes were passed on. */
  result(): Inspected;
}

/**
 * Checks the bytes of a file while they are passed on: the type by the first bytes, then size and checksum.
 * @throws UploadRejected from `chunks`
 */
export function inspectBytes(source: AsyncIterable<Uint8Array>, announced: Announced, allowed: ReadonlySet<string>): Inspection {
  const hash = createHash("sha256");
  let found: Inspected | undefined;

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let size = 0;
    let head: Uint8Array[] | null = [];
    let type = "";
    // The last chunk is kept back: a storage that knows the size would otherwise be done before the checksum is compared.
    let last: Uint8Array | null = null;
    for await (const chunk of source) {
      if (chunk.byteLength === 0) continue;
      size += chunk.byteLength;
      if (size > announced.size) throw new UploadRejected(`More than the announced ${announced.size} bytes were sent.`, { isFinal: false });
      hash.update(chunk);
      if (head === null) {
        if (last) yield last;
        last = chunk;
        continue;
      }
      head.push(chunk);
      if (size < headBytes && size < announced.size) continue;
      const beginning: Uint8Array = Buffer.concat(head);
      head = null;
      type = await typeOf(beginning, announced, allowed);
      last = beginning;
    }
    if (size < announced.size) {
      throw new UploadRejected(`Only ${size} of the announced ${announced.size} bytes were sent. Send them again.`, { isFinal: false });
    }
    const sha256 = hash.digest("hex");
    if (announced.declaredSha256 !== null && sha256 !== announced.declaredSha256) {
      const message = `The SHA-256 of the bytes is ${sha256}, but ${announced.declaredSha256} was announced. Send them again.`;
      throw new UploadRejected(message, { isFinal: false });
    }
    found = { type, sha256 };
    if (last) yield last;
  }

  return {
    chunks,
    result: () => {
      if (!found) throw new Error("The bytes were not inspected to their end.");
      return found;
    },
  };
}

async function typeOf(head: Uint8Array, { name, declaredType }: Announced, allowed: ReadonlySet<string>): Promise<string> {
  const checked = await checkContent(head.subarray(0, headBytes), declaredType, allowed);
  if ("reason" in checked) throw new UploadRejected(checked.reason, { isFinal: true });
  const problem = extensionProblem(name, checked.type);
  if (problem !== null) throw new UploadRejected(problem, { isFinal: true });
  return checked.type;
}
