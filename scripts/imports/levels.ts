/**
 * Returns the level of each node: 1 if it imports no other node, otherwise one more than the highest level that it imports. Imports outside the graph
 * are ignored. In a cycle, the import that closes it is ignored.
 */
export function levelsOf(graph: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  const visit = (node: string): number => {
    const known = levels.get(node);
    if (known !== undefined) return known;
    // Temporary value while its imports are visited.
    levels.set(node, 0);
    const below = (graph.get(node) ?? []).filter((next) => graph.has(next)).map(visit);
    const level = 1 + Math.max(0, ...below);
    levels.set(node, level);
    return level;
  };
  for (const node of graph.keys()) visit(node);
  return levels;
}
