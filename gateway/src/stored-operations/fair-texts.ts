import { LRUCache } from "lru-cache";

export interface FairTextsOptions {
  /** Maximum memory of one account, in characters. */
  readonly maxPerAccount: number;
  /** Maximum memory of all accounts together, in characters. */
  readonly max: number;
}

/** Memory of an entry in addition to its text, in characters: the hash, and its place in the list of uses. */
const overhead = 200;

/**
 * Texts by hash, of many accounts, in one process. If they do not fit, the accounts with the most give up their least recently used ones, down to a size
 * that all of them can have (max-min fairness). A flood of one account therefore evicts its own texts.
 */
export class FairTexts {
  readonly #options: FairTextsOptions;
  readonly #accounts = new Map<string, LRUCache<string, string>>();
  #size = 0;

  constructor(options: FairTextsOptions) {
    this.#options = options;
  }

  /** Memory in use, in characters. */
  get size(): number {
    return this.#size;
  }

  find(account: string, hash: string): string | undefined {
    return this.#accounts.get(account)?.get(hash);
  }

  keep(account: string, hash: string, text: string): void {
    if (text.length + overhead > this.#options.maxPerAccount) return;
    let texts = this.#accounts.get(account);
    if (!texts) this.#accounts.set(account, (texts = this.#newAccount()));
    const before = texts.calculatedSize;
    texts.set(hash, text);
    this.#size += texts.calculatedSize - before;
    if (this.#size > this.#options.max) this.#shrink();
  }

  #newAccount(): LRUCache<string, string> {
    return new LRUCache({ maxSize: this.#options.maxPerAccount, sizeCalculation: (text) => text.length + overhead });
  }

  /** Makes room for more than one text, because it looks at all accounts. */
  #shrink(): void {
    const level = this.#levelFor(this.#options.max * (7 / 8));
    for (const [account, texts] of this.#accounts) {
      const before = texts.calculatedSize;
      while (texts.calculatedSize > level) texts.pop();
      this.#size += texts.calculatedSize - before;
      if (texts.size === 0) this.#accounts.delete(account);
    }
  }

  /** Returns the size to which accounts are cut so that all of them together have this size. */
  #levelFor(total: number): number {
    const sizes = [...this.#accounts.values()].map((texts) => texts.calculatedSize).toSorted((a, b) => a - b);
    let left = total;
    for (const [index, size] of sizes.entries()) {
      const share = left / (sizes.length - index);
      if (size > share) return share;
      left -= size;
    }
    return Infinity;
  }
}
