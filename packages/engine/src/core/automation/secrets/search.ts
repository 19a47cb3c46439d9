/** Searches a text for one that can be as long as it. The time grows with the sum of their lengths only, whatever they consist of. */
export type Search = {
  readonly chars: number;
  /** Where the text contains it, at `from` or later; -1: nowhere. */
  readonly next: (text: string, from: number) => number;
  /** With how many of its first characters the text ends; never all. */
  readonly begunAtEnd: (text: string) => number;
  /** With how many of its last characters the text begins; never all. */
  readonly endedAtBeginning: (text: string) => number;
};

/** Up to this length, what the runtime does is faster, however often the beginnings repeat. */
const SHORT = 256;

/** @param wanted not empty */
export function searchOf(wanted: string): Search {
  const chars = wanted.length;
  const forwards = lazily(() => scanOf(wanted));
  const backwards = lazily(() => scanOf(reversed(wanted)));
  return {
    chars,
    next: (text, from) => (chars <= SHORT ? text.indexOf(wanted, from) : forwards().find(text, from)),
    begunAtEnd: (text) => forwards().begun(text.slice(Math.max(0, text.length - chars + 1))),
    endedAtBeginning: (text) => backwards().begun(reversed(text.slice(0, chars - 1))),
  };
}

type Scan = {
  readonly find: (text: string, from: number) => number;
  /** How many of the first characters the text ends with. */
  readonly begun: (text: string) => number;
};

/** The algorithm of Knuth, Morris and Pratt. */
function scanOf(wanted: string): Scan {
  // For each beginning, the length of the longest shorter one that it ends with.
  const shorter = new Int32Array(wanted.length + 1);
  const extended = (matched: number, char: number): number => {
    let length = matched;
    while (length > 0 && wanted.charCodeAt(length) !== char) length = shorter[length] ?? 0;
    return wanted.charCodeAt(length) === char ? length + 1 : 0;
  };
  for (let at = 1, length = 0; at < wanted.length; at++) {
    length = extended(length, wanted.charCodeAt(at));
    shorter[at + 1] = length;
  }
  return {
    find: (text, from) => {
      let matched = 0;
      for (let at = from; at < text.length; at++) {
        matched = extended(matched, text.charCodeAt(at));
        if (matched === wanted.length) return at - matched + 1;
      }
      return -1;
    },
    begun: (text) => {
      let matched = 0;
      for (let at = 0; at < text.length; at++) matched = extended(matched, text.charCodeAt(at));
      return matched;
    },
  };
}

/** By code units, which are all that is compared. */
function reversed(text: string): string {
  return text.split("").toReversed().join("");
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
