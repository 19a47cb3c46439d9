import { WeftError } from "../errors.js";

/** An answer with the errors of its fields. */
export interface Answer<Result> {
  /** Null: nothing was answered. Fields that failed are null in it. */
  readonly data: Result | null;
  readonly errors: readonly WeftError[];
  readonly requestId: string | null;
}

/** An answer that says that the same request can succeed later. */
export class Refused extends WeftError {
  readonly answer: Answer<unknown>;

  constructor(answer: Answer<unknown>, { message, extensions }: WeftError) {
    super({ message, extensions });
    this.answer = answer;
  }
}
