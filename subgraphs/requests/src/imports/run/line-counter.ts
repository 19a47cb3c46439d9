const lineFeed = 10;
const carriageReturn = 13;

/** Counts the lines of bytes on their way to a parser, which says only where in the bytes a record ends. */
export class LineCounter {
  /** Offsets at which lines begin that have not been taken. */
  readonly #starts: number[] = [];
  #offset = 0;
  #line: number;
  #isAfterReturn = false;

  /** @param line number of the line with which the bytes begin */
  constructor(line: number) {
    this.#line = line;
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#isAfterReturn && byte !== lineFeed) this.#starts.push(this.#offset);
      this.#offset++;
      if (byte === lineFeed) this.#starts.push(this.#offset);
      this.#isAfterReturn = byte === carriageReturn;
    }
  }

  /** Takes the bytes before an offset. Returns the line of the last of them, and the line of the next one. */
  take(offset: number): { readonly line: number; readonly nextLine: number } {
    let isAtStart = false;
    let taken = 0;
    while ((this.#starts[taken] ?? Number.POSITIVE_INFINITY) <= offset) {
      isAtStart = this.#starts[taken] === offset;
      taken++;
    }
    this.#starts.splice(0, taken);
    this.#line += taken;
    return { line: isAtStart ? this.#line - 1 : this.#line, nextLine: this.#line };
  }
}
