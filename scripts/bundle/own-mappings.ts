import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

interface SourceMap {
  readonly sources: readonly (string | null)[];
  readonly mappings: string;
}

/**
 * Returns the source map without the mappings of dependencies, which are most of it: Node.js reads the map of each file at its start. Where a
 * dependency begins, a mapping to no source remains. Without it, its code would seem to belong to the file before.
 */
export function ownMappings({ sources, mappings }: SourceMap): { version: 3; sources: (string | null)[]; names: []; mappings: string } {
  const kept = new Map<number, number>();
  let isOwn = false;
  const lines = decode(mappings).map((line) => {
    const own: SourceMapSegment[] = [];
    for (const segment of line) {
      const source = segment.length === 1 ? undefined : segment[1];
      const path = source === undefined ? null : sources[source];
      if (segment.length === 1 || source === undefined || path === null || path?.includes("node_modules/") !== false) {
        if (isOwn) own.push([segment[0]]);
        isOwn = false;
        continue;
      }
      isOwn = true;
      if (!kept.has(source)) kept.set(source, kept.size);
      own.push([segment[0], kept.get(source) ?? 0, segment[2], segment[3]]);
    }
    return own;
  });
  return { version: 3, sources: [...kept.keys()].map((source) => sources[source] ?? null), names: [], mappings: encode(lines) };
}
