import { execFile } from "node:child_process";
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { PreviewTask } from "./preview-process.js";
import { previewPixels, previewSizes } from "./preview-sizes.js";

const run = promisify(execFile);
const script = fileURLToPath(new URL(`preview-process${extname(import.meta.filename)}`, import.meta.url));

/** After this time the process is killed. It limits its processor time itself, so this is for one that hangs. */
const timeoutMs = 120_000;
/** Bytes of the answer. Three previews have a few hundred kilobytes. */
const maxAnswerBytes = 20_000_000;

const made = z.object({
  size: z.enum(previewSizes),
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.string().transform((text) => Buffer.from(text, "base64")),
});
const answer = z.array(made).max(previewSizes.length);

/** A preview, as WebP and without metadata. */
export type MadePreview = z.infer<typeof made>;

/** Previews, smallest first, or why there are none: the image is broken or too large, or its decoder failed. */
export type Made = { readonly previews: readonly MadePreview[] } | { readonly reason: string };

export interface PreviewMaker {
  /**
   * Makes the previews of an image of a drawable type. Failures of the source are thrown as they are.
   * @throws ServiceUnavailable if the maker is closed
   */
  make(source: Readable, type: string): Promise<Made>;
  /** Ends the processes that run. */
  close(): void;
}

/** Makes previews, each in a process of its own (`preview-process`). */
export function previewMaker(): PreviewMaker {
  const closing = new AbortController();
  return {
    make: async (source, type) => {
      const task: PreviewTask = { type, sizes: Object.entries(previewPixels) };
      const running = run(process.execPath, ["--max-old-space-size=64", script, JSON.stringify(task)], {
        env: {},
        timeout: timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: maxAnswerBytes,
        signal: closing.signal,
      });
      let failure: { readonly error: unknown } | undefined;
      let hasEnded = false;
      // Also if the source gives no more bytes, and no error.
      const stopReading = (): void => {
        hasEnded = true;
        source.destroy();
      };
      async function* bytes(): AsyncGenerator<Uint8Array> {
        try {
          yield* source;
        } catch (error) {
          if (!hasEnded) failure = { error };
          throw error;
        }
      }
      // The process can end before it has read everything. Its end says why.
      const sent = running.child.stdin && pipeline(bytes, running.child.stdin);
      const [ended] = await Promise.allSettled([running.finally(stopReading), sent]);
      if (failure) throw failure.error;
      if (closing.signal.aborted) throw new ServiceUnavailable("image previews", closing.signal.reason);
      return ended.status === "fulfilled" ? read(ended.value.stdout) : { reason: reasonOf(ended.reason) };
    },
    close: () => closing.abort(),
  };
}

function read(stdout: string): Made {
  const { success, data } = answer.safeParse(parsed(stdout));
  return success ? { previews: data } : { reason: "The process gave no valid answer." };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a process failed: what it said, or how it ended. */
function reasonOf(error: unknown): string {
  const { stderr, signal } = error as { readonly stderr?: string; readonly signal?: string | null };
  return stderr?.trim() || (signal ? `The process ended with ${signal}.` : String(error));
}
