import { useEffect, useRef, useState } from "react";

/** Returns the same object until its JSON changes, so that variables can be written in place. */
export function useSame<T>(value: T): T {
  const [kept, keep] = useState(value);
  if (Object.is(kept, value) || JSON.stringify(kept) === JSON.stringify(value)) return kept;
  keep(value);
  return value;
}

/** Returns the same list until one of its items changes. */
export function useSameList<T>(list: readonly T[]): readonly T[] {
  const [kept, keep] = useState(list);
  if (kept.length === list.length && kept.every((item, index) => Object.is(item, list[index]))) return kept;
  keep(list);
  return list;
}

/** Returns a reference to the value of the last render, for functions that are called after it. */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
