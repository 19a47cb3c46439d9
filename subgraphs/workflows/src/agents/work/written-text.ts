import type { RedactedStream } from "@weft/engine";

/** Characters of one answer that are logged. The log of the attempt has limits of its own. */
const MAX_CHARS = 262_144;
/** A line that is longer is passed on in pieces. */
const MAX_LINE_CHARS = 4_000;

/** What a model writes, as it arrives. */
export interface WrittenText {
  readonly write: (piece: string) => void;
  /** The answer is over, complete or not. */
  readonly end: () => void;
}

/**
 * Passes on what a model writes line by line, because providers send it in pieces of a few characters. `stream` removes the API key, which pieces can
 * cut in two.
 */
export function writtenText(stream: (write: (text: string) => void) => RedactedStream, log: (text: string) => void): WrittenText {
  const redacted = stream(log);
  let open = "";
  let chars = 0;
  let isLineOpen = false;
  const pass = (text: string): void => {
    redacted.write(text);
    isLineOpen = !text.endsWith("\n");
  };
  return {
    write: (piece) => {
      const kept = piece.slice(0, Math.max(0, MAX_CHARS - chars));
      chars += kept.length;
      open += kept;
      if (!kept.includes("\n") && open.length < MAX_LINE_CHARS) return;
      pass(open);
      open = "";
    },
    end: () => {
      if (open !== "") pass(open);
      open = "";
      redacted.end();
      // The next answer begins with a line of its own.
      if (isLineOpen) log("\n");
      isLineOpen = false;
    },
  };
}
