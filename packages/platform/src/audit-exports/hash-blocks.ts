import { createHash, type Hash } from "node:crypto";

/** Bytes of a block. */
export const blockSize = 1024 * 1024;

/** What the bytes of a file are. */
export interface FileHashes {
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
  /** Of each block, in base64url. */
  readonly blocks: readonly string[];
}

/** Hashes the bytes of a file as they pass, as a whole and in blocks. */
export class BlockHasher {
  readonly #bytesOfBlock: number;
  readonly #whole = createHash("sha256");
  readonly #blocks: string[] = [];
  #block: Hash = createHash("sha256");
  #inBlock = 0;
  #size = 0;

  constructor(bytesOfBlock: number = blockSize) {
    this.#bytesOfBlock = bytesOfBlock;
  }

  update(bytes: Uint8Array): void {
    this.#whole.update(bytes);
    this.#size += bytes.byteLength;
    for (let from = 0; from < bytes.byteLength;) {
      const part = bytes.subarray(from, from + this.#bytesOfBlock - this.#inBlock);
      this.#block.update(part);
      this.#inBlock += part.byteLength;
      from += part.byteLength;
      if (this.#inBlock === this.#bytesOfBlock) this.#endBlock();
    }
  }

  /** Returns the hashes of all bytes. Called once. */
  end(): FileHashes {
    if (this.#inBlock > 0) this.#endBlock();
    return { size: this.#size, sha256: this.#whole.digest("hex"), blocks: this.#blocks };
  }

  #endBlock(): void {
    this.#blocks.push(this.#block.digest("base64url"));
    this.#block = createHash("sha256");
    this.#inBlock = 0;
  }
}
