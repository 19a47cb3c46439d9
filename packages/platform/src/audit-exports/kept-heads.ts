import { decodeJwt, decodeProtectedHeader } from "jose";
import { checkpointKind, type Checkpoint } from "../audit/checkpoint.js";

/** Compact JWS in any text: in lines of a file of checkpoints, or of the worker's log. */
const jws = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

/** Signed heads of one chain that were kept outside Weft. */
export class KeptHeads {
  /** The hashes that were signed for a place. More than one: the chain was rebuilt, and signed again. */
  readonly #hashes = new Map<number, Set<string>>();
  #newest = 0;
  #agreesUpTo = 0;
  #isCompared = false;

  add({ sequence, hash }: Checkpoint): void {
    const hashes = this.#hashes.get(sequence) ?? new Set();
    this.#hashes.set(sequence, hashes.add(hash));
    this.#newest = Math.max(this.#newest, sequence);
  }

  get isEmpty(): boolean {
    return this.#hashes.size === 0;
  }

  /** Place of the newest one. 0 if there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** Whether the chain was compared with one of them. */
  get isCompared(): boolean {
    return this.#isCompared;
  }

  /** The last place at which the chain was compared and agrees. 0 if there is none. */
  get agreesUpTo(): number {
    return this.#agreesUpTo;
  }

  /** Compares the chain at a place. Returns what is wrong. Null: nothing, or nothing was kept for the place. */
  compare(sequence: number, hash: string): string | null {
    const hashes = this.#hashes.get(sequence);
    if (hashes === undefined) return null;
    this.#isCompared = true;
    if (hashes.size === 1 && hashes.has(hash)) {
      this.#agreesUpTo = sequence;
      return null;
    }
    const first = this.#agreesUpTo + 1;
    const where = first === sequence ? `the entry at ${sequence}` : `one of the entries from ${first} to ${sequence}`;
    return `The chain up to ${sequence} differs from a checkpoint that was kept. The first one that was changed is ${where}.`;
  }
}

/**
 * Finds the checkpoints of an organization in texts. Others, and everything else that is signed, are left out before their signatures are checked, because
 * a file can have those of many organizations.
 */
export function checkpointsIn(text: string, tenantId: string): string[] {
  return (text.match(jws) ?? []).filter((found) => {
    try {
      return decodeProtectedHeader(found).typ === checkpointKind.type && decodeJwt(found)["tenant"] === tenantId;
    } catch {
      return false;
    }
  });
}
