/** Sends files. `docs/how-to/files.md` says what Weft checks. */
import type { WeftClient } from "../client.js";
import { NetworkError, NotFoundError } from "../errors.js";
import type { Fetch } from "../requests/http.js";
import { refusalOf } from "./refusal.js";
import { announceUpload, uploadStatus } from "../requests/operations.js";

export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

export interface UploadOptions {
  /** Name with its extension. Default: that of the file. */
  readonly name?: string;
  readonly onProgress?: (progress: UploadProgress) => void;
}

export interface Upload {
  /** Resolves with the file's ID, for `attachFile`, `commentOnRequest` or a form, when Weft has all bytes. */
  readonly done: Promise<{ readonly id: string }>;
  /** Stops sending. Weft keeps no part of a file, so `resume` sends all bytes again. */
  pause(): void;
  resume(): void;
  /** Ends the upload: `done` rejects with an AbortError. Weft forgets an announced file after an hour. */
  cancel(): void;
}

interface Announced {
  readonly createUpload: { readonly url: string; readonly file: { readonly id: string } };
}

/**
 * Announces a file and sends its bytes, again if the connection breaks.
 *
 * @param file of a form, or made of bytes
 * @returns at once; `done` rejects with an UploadRejectedError, a LimitExceededError, or another WeftError
 */
export function uploadFile(client: WeftClient, file: Blob, { name, onProgress }: UploadOptions = {}): Upload {
  const cancelled = new AbortController();
  const { signal } = cancelled;
  let resume = (): void => {};
  let resumed: Promise<void> = Promise.resolve();
  let attempt = new AbortController();
  let isPaused = false;

  /** The answer to an earlier attempt can have been lost: then the link is used up. */
  const isReceived = async (id: string): Promise<boolean> => {
    const { file: found } = await client.query<{ file: { status: string } | null }>(uploadStatus, { id }, { signal });
    return found !== null && found.status !== "PENDING";
  };
  const send = async (): Promise<{ id: string }> => {
    const input = { name: name ?? (file as File).name, size: file.size, type: file.type || null };
    const { createUpload } = await client.mutate<Announced>(announceUpload, { input }, { signal });
    const url = client.resolve(createUpload.url);
    for (let attempts = 0; ;) {
      while (isPaused) await resumed;
      signal.throwIfAborted();
      const current = (attempt = new AbortController());
      const stopped = AbortSignal.any([current.signal, signal]);
      try {
        await client.repeating(() => (attempts++, put(client.fetch, url, file, { signal: stopped, onProgress })), stopped);
        return createUpload.file;
      } catch (error) {
        signal.throwIfAborted();
        if (current.signal.aborted) continue;
        if (!(error instanceof NotFoundError && attempts > 1 && (await isReceived(createUpload.file.id)))) throw error;
        return createUpload.file;
      }
    }
  };
  const done = send();
  // The caller can cancel without waiting for the end.
  done.catch(() => undefined);
  return {
    done,
    pause: () => {
      if (isPaused) return;
      isPaused = true;
      resumed = new Promise((resolve) => (resume = resolve));
      attempt.abort();
    },
    resume: () => {
      isPaused = false;
      resume();
    },
    cancel: () => {
      isPaused = false;
      cancelled.abort();
      resume();
    },
  };
}

interface PutOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: UploadOptions["onProgress"];
}

/** fetch tells nothing of the progress of what it sends, so browsers use XMLHttpRequest. */
const put = (fetch: Fetch, url: string, file: Blob, options: PutOptions): Promise<void> =>
  typeof XMLHttpRequest === "undefined" ? putByFetch(fetch, url, file, options) : putByXhr(url, file, options);

function putByXhr(url: string, file: Blob, { signal, onProgress }: PutOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    signal.addEventListener("abort", abort);
    request.upload.onprogress = ({ loaded }) => onProgress?.({ sentBytes: loaded, totalBytes: file.size });
    request.onloadend = () => {
      signal.removeEventListener("abort", abort);
      const { status, responseText } = request;
      if (status >= 200 && status < 300) return resolve();
      if (signal.aborted) return reject(signal.reason as Error);
      if (status === 0) return reject(new NetworkError("The file could not be sent."));
      reject(refusalOf(status, responseText));
    };
    request.open("PUT", url);
    request.send(file);
  });
}

async function putByFetch(fetch: Fetch, url: string, file: Blob, { signal, onProgress }: PutOptions): Promise<void> {
  let response: Response;
  try {
    // Node sends a stream only half-duplex, and wants to read so.
    const init = { method: "PUT", body: onProgress ? counted(file, onProgress) : file, signal, duplex: "half" };
    response = await fetch(url, init);
  } catch (cause) {
    signal.throwIfAborted();
    throw new NetworkError("The file could not be sent.", { cause });
  }
  if (!response.ok) throw refusalOf(response.status, await response.text());
}

function counted(file: Blob, onProgress: (progress: UploadProgress) => void): ReadableStream<Uint8Array> {
  let sentBytes = 0;
  return file.stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        controller.enqueue(chunk);
        onProgress({ sentBytes: (sentBytes += chunk.byteLength), totalBytes: file.size });
      },
    }),
  );
}
