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
      const to = rowIds.indexOf(id);
      if (to === -1) return;
      const at = anchor === null ? to : rowIds.indexOf(anchor);
      // The row of before can have left the list.
      const from = at === -1 ? to : at;
      setIds((before) => new Set([...before, ...rowIds.slice(Math.min(from, to), Math.max(from, to) + 1)]));
      setAnchor(id);
    },
    replace(next) {
      setAnchor(null);
      setIds(new Set(next));
    },
  };
}
