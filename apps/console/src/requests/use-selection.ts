import { useState } from "react";

export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
  /** Adds all rows from the one that was toggled last. */
  readonly extendTo: (id: string) => void;
  readonly replace: (ids: readonly string[]) => void;
}

/** The rows that the user has marked. */
export function useSelection(rowIds: readonly string[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [anchor, setAnchor] = useState<string | null>(null);
  return {
    ids,
    toggle(id) {
      setAnchor(id);
      setIds((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
    },
    extendTo(id) {
      const [from, to] = [rowIds.indexOf(anchor ?? id), rowIds.indexOf(id)].sort((one, other) => one - other);
      if (from === undefined || to === undefined || to === -1) return;
      setIds((before) => new Set([...before, ...rowIds.slice(Math.max(from, 0), to + 1)]));
      setAnchor(id);
    },
    replace(next) {
      setAnchor(null);
      setIds(new Set(next));
    },
  };
}
