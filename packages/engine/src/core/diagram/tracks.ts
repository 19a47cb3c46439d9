/** Parallel tracks on which intervals lie without touching: each takes the first track that is free where it lies. */
export class Tracks {
  readonly #tracks: { readonly from: number; readonly to: number }[][] = [];
  readonly #shared = new Map<string, number>();

  get count(): number {
    return this.#tracks.length;
  }

  /** The number of the track that the interval got, from 0. */
  take(from: number, to: number): number {
    const found = this.#tracks.findIndex((taken) => taken.every((one) => to < one.from || one.to < from));
    const track = found === -1 ? this.#tracks.push([]) - 1 : found;
    this.#tracks[track]?.push({ from, to });
    return track;
  }

  /** As `take`, once for all who come with the same key. */
  takeFor(key: string, from: number, to: number): number {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const track = this.take(from, to);
    this.#shared.set(key, track);
    return track;
  }
}
