/** The provider's answer is an error, or is not the expected one. */
export class AnswerRefused extends Error {
  /** Whether the provider or the user refused the login, as opposed to an answer that is not valid. */
  readonly isDenial: boolean;

  constructor(message: string, { isDenial = false, cause }: { readonly isDenial?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.name = "AnswerRefused";
    this.isDenial = isDenial;
  }
}
