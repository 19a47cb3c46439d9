import type { ModelReply } from "./model-server.js";

/** An answer to write. */
export interface Written {
  readonly model: string;
  readonly isStreamed: boolean;
  readonly reply: ModelReply;
}

/** A text in two pieces, as streams deliver it. */
export const halves = (text: string): string[] => {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== "");
};
