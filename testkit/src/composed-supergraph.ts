import { allSubgraphs, supergraphOf } from "@weft/standalone";

let composed: string | undefined;

/**
 * Returns the supergraph of the subgraphs in the code. Composing takes a second: the built file is read instead if it was composed from exactly these
 * subgraphs, and written otherwise. The process does it once.
 */
export const composedSupergraph = (): string => (composed ??= supergraphOf(allSubgraphs()));
