/**
 * Returns a function that reads a supergraph and keeps its result for the last one. Parsing a megabyte of SDL takes some 40 ms, and the process of a test
 * run creates hundreds of gateways for the same supergraph. The result is shared, so it must not be changed.
 */
export function keptPerSupergraph<T>(read: (supergraphSdl: string) => T): (supergraphSdl: string) => T {
  let kept: { readonly supergraphSdl: string; readonly result: T } | undefined;
  return (supergraphSdl) => {
    if (kept?.supergraphSdl !== supergraphSdl) kept = { supergraphSdl, result: read(supergraphSdl) };
    return kept.result;
  };
}
