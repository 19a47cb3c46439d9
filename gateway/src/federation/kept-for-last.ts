/**
 * Returns a function that keeps its result for the last value that it was called with: a supergraph, or a schema, which changes only when the supergraph is
 * reloaded. Parsing a megabyte of SDL takes some 40 ms, and the process of a test run creates hundreds of gateways for the same supergraph. The result is
 * shared, so it must not be changed.
 */
export function keptForLast<Value, Result>(read: (value: Value) => Result): (value: Value) => Result {
  let kept: { readonly value: Value; readonly result: Result } | undefined;
  return (value) => {
    if (!kept || kept.value !== value) kept = { value, result: read(value) };
    return kept.result;
  };
}
