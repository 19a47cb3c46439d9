/** Characters of a part, which is held in memory. */
const MAX_PART = 4_000_000;

/** Stores bytes as a part of a file. Returns the number of the attempt that has stored them. */
export type StorePart = (bytes: Buffer) => Promise<number>;

/** A text that is stored: parts, and the end, which follows them. */
export interface StoredText {
  /** Attempts that have stored the parts, in order. */
  readonly parts: readonly number[];
  readonly last: Buffer;
  /** Bytes of all. */
  readonly size: number;
}

/** A text of any length, which is stored in parts while it is written, so that one of them is in memory at a time. A short one has no parts. */
export class TextParts {
  readonly #store: StorePart;
  readonly #parts: number[] = [];
  #texts: string[] = [];
  #length = 0;
  #stored = 0;

  constructor(store: StorePart) {
    this.#store = store;
  }

  async write(text: string): Promise<void> {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length < MAX_PART) return;
    const bytes = this.#take();
    this.#parts.push(await this.#store(bytes));
    this.#stored += bytes.byteLength;
  }

  end(): StoredText {
    const last = this.#take();
    return { parts: this.#parts, last, size: this.#stored + last.byteLength };
  }

  #take(): Buffer {
    const bytes = Buffer.from(this.#texts.join(""));
    this.#texts = [];
    this.#length = 0;
    return bytes;
  }
}
