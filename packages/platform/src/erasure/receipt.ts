import type { ErasureReceipt } from "@weft/drizzle";

/** Counts what an erasure does, over all of its attempts. */
export class ReceiptInProgress {
  readonly #rows: Record<string, number>;
  readonly #copies: Record<string, number>;
  #files: number;
  #sharedValues: number;
  readonly #onProgress: ((receipt: ErasureReceipt) => Promise<void>) | undefined;

  constructor(earlier: ErasureReceipt | null, onProgress: ((receipt: ErasureReceipt) => Promise<void>) | undefined) {
    this.#rows = { ...earlier?.rows };
    this.#copies = { ...earlier?.copies };
    this.#files = earlier?.files ?? 0;
    this.#sharedValues = earlier?.sharedValues ?? 0;
    this.#onProgress = onProgress;
  }

  /** What was done so far. */
  get receipt(): ErasureReceipt {
    return { rows: { ...this.#rows }, copies: { ...this.#copies }, files: this.#files, sharedValues: this.#sharedValues };
  }

  addRows(table: string, count: number): Promise<void> {
    return this.#add(this.#rows, table, count);
  }

  addCopies(table: string, count: number): Promise<void> {
    return this.#add(this.#copies, table, count);
  }

  async addFiles(count: number): Promise<void> {
    this.#files += count;
    await this.#onProgress?.(this.receipt);
  }

  /** Counts the values that are not searched for. A later attempt finds the same ones, as long as the person's row has them. */
  async addSharedValues(count: number): Promise<void> {
    if (count <= this.#sharedValues) return;
    this.#sharedValues = count;
    await this.#onProgress?.(this.receipt);
  }

  async #add(counts: Record<string, number>, table: string, count: number): Promise<void> {
    if (count > 0) counts[table] = (counts[table] ?? 0) + count;
    await this.#onProgress?.(this.receipt);
  }
}
