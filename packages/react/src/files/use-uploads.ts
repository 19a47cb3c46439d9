import { uploadFile, WeftError, type Upload } from "@weft/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLatest } from "../live/stable.js";
import { useTexts, useWeft } from "../provider/weft-provider.js";

/** A file that is being sent, or was. */
export interface UploadItem {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly status: "sending" | "paused" | "done" | "failed";
  readonly sentBytes: number;
  /** ID of the file, when Weft has all of it. */
  readonly id: string | null;
  /** Why it was refused or could not be sent. */
  readonly error: string | null;
  /** Whether sending it again can succeed. */
  readonly canRetry: boolean;
}

export interface UploadsOptions {
  /** Content types that are accepted. Default: all */
  readonly accept?: readonly string[];
  readonly maxBytes?: number | null;
  /** Called with each file of which Weft has all bytes. */
  readonly onUploaded?: (file: { readonly id: string; readonly name: string }) => void;
  /** Called with each file that is sent, with a promise of its end. */
  readonly onStart?: (done: Promise<unknown>) => void;
}

export interface Uploads {
  readonly items: readonly UploadItem[];
  /** Begins to send files. */
  readonly add: (files: Iterable<File>) => void;
  readonly pause: (key: string) => void;
  /** Weft keeps no part of a file, so all bytes are sent again. */
  readonly resume: (key: string) => void;
  /** Ends an upload, or removes one that has ended from the list. */
  readonly cancel: (key: string) => void;
  readonly retry: (key: string) => void;
}

interface Sent {
  readonly file: File;
  upload: Upload | null;
}

/** Whether a type is one of those that are accepted: `image/png`, `image/*`. */
const isAccepted = (type: string, accept: readonly string[]): boolean =>
  accept.length === 0 || accept.some((one) => (one.endsWith("/*") ? type.startsWith(one.slice(0, -1)) : one === type));

/** Sends files, with their progress. What is still being sent when the component goes is canceled. */
export function useUploads(options: UploadsOptions = {}): Uploads {
  const client = useWeft();
  const texts = useTexts();
  const latest = useLatest({ ...options, texts });
  const [items, setItems] = useState<readonly UploadItem[]>([]);
  const sent = useRef(new Map<string, Sent>());
  const made = useRef(0);
  useEffect(
    () => () => {
      for (const { upload } of sent.current.values()) upload?.cancel();
    },
    [],
  );
  const change = useCallback((key: string, values: Partial<UploadItem>) => {
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...values } : item)));
  }, []);
  const start = useCallback(
    (key: string, one: Sent) => {
      const { file } = one;
      const upload = uploadFile(client, file, { onProgress: ({ sentBytes }) => change(key, { sentBytes }) });
      one.upload = upload;
      change(key, { status: "sending", sentBytes: 0, error: null });
      const finish = async (): Promise<void> => {
        try {
          const { id } = await upload.done;
          change(key, { status: "done", sentBytes: file.size, id });
          latest.current.onUploaded?.({ id, name: file.name });
        } catch (error) {
          // Somebody has canceled it.
          if (!sent.current.has(key)) return;
          const message = error instanceof Error ? error.message : String(error);
          change(key, { status: "failed", error: message, canRetry: error instanceof WeftError && error.isRetryable });
        }
      };
      const finished = finish();
      latest.current.onStart?.(finished);
    },
    [client, change, latest],
  );
  const add = useCallback(
    (files: Iterable<File>) => {
      const { accept = [], maxBytes = null, texts: words } = latest.current;
      for (const file of files) {
        const key = String(++made.current);
        const error = !isAccepted(file.type, accept)
          ? words.wrongType(file.name)
          : maxBytes !== null && file.size > maxBytes
            ? words.tooLarge(file.name, maxBytes)
            : null;
        const { name, size } = file;
        const status = error === null ? "sending" : "failed";
        setItems((before) => [...before, { key, name, size, status, sentBytes: 0, id: null, error, canRetry: false }]);
        const one: Sent = { file, upload: null };
        sent.current.set(key, one);
        if (error === null) start(key, one);
      }
    },
    [latest, start],
  );
  const pause = useCallback(
    (key: string) => {
      sent.current.get(key)?.upload?.pause();
      change(key, { status: "paused" });
    },
    [change],
  );
  const resume = useCallback(
    (key: string) => {
      sent.current.get(key)?.upload?.resume();
      change(key, { status: "sending", sentBytes: 0 });
    },
    [change],
  );
  const cancel = useCallback((key: string) => {
    const one = sent.current.get(key);
    sent.current.delete(key);
    one?.upload?.cancel();
    setItems((before) => before.filter((item) => item.key !== key));
  }, []);
  const retry = useCallback(
    (key: string) => {
      const one = sent.current.get(key);
      if (one) start(key, one);
    },
    [start],
  );
  return { items, add, pause, resume, cancel, retry };
}
