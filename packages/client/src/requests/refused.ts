import { WeftError } from "../errors.js";
import type { Received } from "./http.js";

/** An answer that says that the same request can succeed later. */
export class Refused extends WeftError {
  readonly received: Received;

  constructor(received: Received, { message, extensions }: WeftError) {
    super({ message, extensions });
    this.received = received;
  }
}
