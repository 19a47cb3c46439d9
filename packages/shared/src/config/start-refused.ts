/**
 * A start that fails for a reason outside of Weft, which the message tells in full: it is printed alone, without a stack.
 * `isFinal`: starting again would not help, until somebody changes something.
 */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
  readonly isFinal: boolean;

  constructor(message: string, { isFinal, cause }: { readonly isFinal: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.isFinal = isFinal;
  }
}
