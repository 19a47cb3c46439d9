import * as library from "@dagrejs/dagre";

/** What Weft uses of @dagrejs/dagre. Its own types import each other without file extensions, so TypeScript reads them as `any` in an ES module. */
type Dagre = {
  readonly Graph: new (options: { multigraph: boolean }) => DagreGraph;
  readonly layout: (graph: DagreGraph) => void;
};

type DagreGraph = {
  setGraph(options: { rankdir: "TB"; nodesep: number; edgesep: number; ranksep: number }): void;
  setNode(id: string, size: DagreSize): void;
  setEdge(from: string, to: string, label: Partial<DagreSize> & { weight?: number; labelpos?: "c" }, id?: string): void;
  node(id: string): DagreBox;
  edge(from: string, to: string, id?: string): DagreEdge;
};

type DagreSize = { readonly width: number; readonly height: number };
/** `x` and `y` of the center. */
export type DagreBox = DagreSize & { readonly x: number; readonly y: number };
/** Position of the label, and points from the border of one node to the border of the other. */
export type DagreEdge = DagreBox & { readonly points: readonly { readonly x: number; readonly y: number }[] };

export const { Graph, layout } = library as unknown as Dagre;
