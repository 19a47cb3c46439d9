import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ParsedMail } from "./parse-thread.js";

/** Memory of the thread. If an email needs more, the thread ends, and the process continues. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** An email that needs too much time or memory. */
export class TooComplex extends Error {}

/**
 * Parses an email in a thread of its own, so that the event loop serves other work meanwhile. Returns null if it is not valid.
 * @throws TooComplex
 */
export async function parseInThread(raw: Uint8Array, timeoutMs: number): Promise<ParsedMail | null> {
  // Tests run the sources. Everything else runs the compiled files.
  const file = fileURLToPath(new URL(`parse-thread${extname(import.meta.filename)}`, import.meta.url));
  const worker = new Worker(file, { name: "mail", workerData: raw, resourceLimits });
  // Those that come after its answer.
  worker.on("error", () => undefined);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const [parsed] = (await once(worker, "message", { signal: timeout })) as [ParsedMail | null];
    return parsed;
  } catch (error) {
    const isOutOfMemory = (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
    if (timeout.aborted || isOutOfMemory) throw new TooComplex("An email needs too much time or memory.", { cause: error });
    throw error;
  } finally {
    await worker.terminate();
  }
}
