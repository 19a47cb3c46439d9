import type { Edge } from "../parts/pages/join-pages";

/** What a history shows as one row: an entry, or a run of minor ones. */
export type Row<Node> =
  | { readonly kind: "entry"; readonly edge: Edge<Node> }
  | { readonly kind: "minor"; readonly edges: readonly Edge<Node>[] };

/** The key of a row. Of a run, that of its oldest entry, which stays when newer ones come. */
export const keyOf = <Node>(row: Row<Node>): string => (row.kind === "entry" ? row.edge.cursor : (row.edges.at(-1)?.cursor ?? ""));

/** Puts entries that follow each other, and that are minor, into one row. Those of runs that are open stay rows of their own. */
export function collapse<Node>(
  edges: readonly Edge<Node>[],
  { isMinor, open }: { readonly isMinor: (node: Node) => boolean; readonly open: ReadonlySet<string> },
): readonly Row<Node>[] {
  const rows: Row<Node>[] = [];
  let run: Edge<Node>[] = [];
  const end = (): void => {
    if (run.length > 1 && !run.some(({ cursor }) => open.has(cursor))) rows.push({ kind: "minor", edges: run });
    else rows.push(...run.map((edge) => ({ kind: "entry", edge }) as const));
    run = [];
  };
  for (const edge of edges) {
    if (isMinor(edge.node)) {
      run.push(edge);
      continue;
    }
    end();
    rows.push({ kind: "entry", edge });
  }
  end();
  return rows;
}
