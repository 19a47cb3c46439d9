import type { WeftError } from "../errors.js";
import type { LiveObserver } from "./live.js";

/** Turns a subscription into a generator. */
export async function* eventsOf<Result>(
  subscribe: (observer: LiveObserver<Result>) => () => void,
  { signal, status, gap }: { readonly signal?: AbortSignal } & Pick<LiveObserver<Result>, "status" | "gap"> = {},
): AsyncGenerator<Result, void, void> {
  signal?.throwIfAborted();
  const waiting: Result[] = [];
  let failed: WeftError | undefined;
  let isOver = false;
  let wake = (): void => {};
  const end = (): void => {
    isOver = true;
    wake();
  };
  const stop = subscribe({
    next: (data) => {
      waiting.push(data);
      wake();
    },
    error: (error) => {
      failed = error;
      wake();
    },
    status,
    gap,
    complete: end,
  });
  signal?.addEventListener("abort", end, { once: true });
  try {
    for (;;) {
      while (waiting.length > 0 && !isOver) yield waiting.shift() as Result;
      if (isOver) return;
      if (failed) throw failed;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener("abort", end);
    stop();
  }
}
