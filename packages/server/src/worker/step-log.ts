import type { WeftClient } from "@weft/client";
import { appendStepLog } from "./operations.js";

interface Line {
  readonly text: string;
  readonly stream: "STDOUT" | "STDERR";
}

/** The most that the API takes at once. */
const mostLines = 1_000;
const joinMs = 200;

export interface StepLog {
  readonly write: (text: string, stream?: Line["stream"]) => void;
  /** Sends what has not been sent. Call it before the result: a run that has ended accepts no further lines. */
  flush(): Promise<void>;
}

/** Collects the lines of a step and sends them together. A line is sent again until Weft has it, and is recorded once, because each call says how many came before. */
export function stepLog(client: WeftClient, lease: string, onError: (error: unknown) => void): StepLog {
  const waiting: Line[] = [];
  let offset = 0;
  let sending: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting.slice(0, mostLines);
      // Because of the offset, lines that Weft has are not added again.
      await client.mutate(appendStepLog, { input: { lease, offset, lines } }, { isIdempotent: true });
      waiting.splice(0, lines.length);
      offset += lines.length;
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(send).catch((error: unknown) => {
      // Lost lines are no reason to fail the step.
      waiting.length = 0;
      onError(error);
    });
    return sending;
  };
  return {
    write: (text, stream = "STDOUT") => {
      waiting.push(...text.split("\n").map((line) => ({ text: line, stream })));
      timer ??= setTimeout(() => void flush(), joinMs);
    },
    flush,
  };
}
