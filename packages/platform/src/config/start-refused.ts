/**
 * A failed start whose cause is outside Weft. The message explains it completely and is printed without a stack trace. `isFinal`: a restart fails
 * again until something is changed.
 */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
  readonly isFinal: boolean;

  constructor(message: string, { isFinal, cause }: { readonly isFinal: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.isFinal = isFinal;
  }
}
