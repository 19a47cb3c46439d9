/** Sends files. `docs/how-to/files.md` says what Weft checks. */
import type { WeftClient } from "../client.js";
import { errorsOf, NetworkError, type ErrorAnswer, type WeftError } from "../errors.js";

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

const announce = "mutation AnnounceUpload($input: CreateUploadInput!) { createUpload(input: $input) { url file { id } } }";

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

  const send = async (): Promise<{ id: string }> => {
    const input = { name: name ?? (file as File).name, size: file.size, type: file.type || null };
    const { createUpload } = await client.mutate<Announced>(announce, { input }, { signal });
    const url = client.resolve(createUpload.url);
    for (;;) {
      await resumed;
      signal.throwIfAborted();
      attempt = new AbortController();
      const stopped = AbortSignal.any([attempt.signal, signal]);
      try {
        await client.repeating(() => put(url, file, { signal: stopped, onProgress }), stopped);
        return createUpload.file;
      } catch (error) {
        signal.throwIfAborted();
        if (!isPaused) throw error;
      }
    }
  };
  const done = send();
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
      cancelled.abort();
      resume();
    },
  };
}

interface PutOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: UploadOptions["onProgress"];
}

/** Returns the error of an answer that is not a success. */
function refusalOf(status: number, text: string): WeftError {
  let errors: readonly ErrorAnswer[] = [];
  try {
    ({ errors = [] } = JSON.parse(text) as { errors?: readonly ErrorAnswer[] });
  } catch {
    // An answer of a proxy.
  }
  const [error] = errorsOf(errors);
  return error ?? new NetworkError(`The file was not received (HTTP ${status}).`);
}

/** fetch tells nothing of the progress of what it sends, so browsers use XMLHttpRequest. */
const put = (url: string, file: Blob, options: PutOptions): Promise<void> =>
  typeof XMLHttpRequest === "undefined" ? putByFetch(url, file, options) : putByXhr(url, file, options);

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

async function putByFetch(url: string, file: Blob, { signal, onProgress }: PutOptions): Promise<void> {
  let sentBytes = 0;
  const counted = file.stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        controller.enqueue(chunk);
        onProgress?.({ sentBytes: (sentBytes += chunk.byteLength), totalBytes: file.size });
      },
    }),
  );
  let response: Response;
  try {
    // Node sends a stream only half-duplex, and wants to read so.
    const init = { method: "PUT", body: onProgress ? counted : file, signal, duplex: "half" };
    response = await fetch(url, init);
  } catch (cause) {
    signal.throwIfAborted();
    throw new NetworkError("The file could not be sent.", { cause });
  }
  if (!response.ok) throw refusalOf(response.status, await response.text());
}
