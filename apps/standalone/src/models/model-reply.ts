/** What a model answers. */
export interface ModelReply {
  readonly text?: string;
  /** `arguments`: as text, so that they can be anything. */
  readonly toolCalls?: readonly { readonly id?: string; readonly name: string; readonly arguments: string }[];
  /** Default: 10 in, 5 out. Null: the provider does not say it. */
  readonly usage?: { readonly tokensIn: number; readonly tokensOut: number } | null;
  /** Ends the connection in the middle of the answer. */
  readonly isTruncated?: boolean;
}

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
