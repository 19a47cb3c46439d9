/** IDs of the roles from which each role inherits directly. */
export type ParentsByRole = ReadonlyMap<string, readonly string[]>;

/** Returns all ancestors of a role, nearest first, each with the shortest path from the role, both ends included. The role itself comes first. */
export function ancestorPaths(parents: ParentsByRole, roleId: string): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([[roleId, [roleId]]]);
  // Iterating over a map includes entries added during the iteration, which makes this a breadth-first search.
  for (const [id, way] of ways) for (const parent of parents.get(id) ?? []) if (!ways.has(parent)) ways.set(parent, [...way, parent]);
  return ways;
}

/** Returns a role and all roles that inherit from it. */
export function descendantsOf(parents: ParentsByRole, roleId: string): string[] {
  const heirs = new Set([roleId]);
  const children = new Map<string, string[]>();
  for (const [child, above] of parents) for (const parent of above) children.set(parent, [...(children.get(parent) ?? []), child]);
  for (const id of heirs) for (const child of children.get(id) ?? []) heirs.add(child);
  return [...heirs];
}

/** Returns the cycle that would result if the role inherited from this parent, from the role back to it. Null if there is none. */
export function cycleThrough(parents: ParentsByRole, roleId: string, parentId: string): string[] | null {
  const back = ancestorPaths(parents, parentId).get(roleId);
  return back ? [roleId, ...back] : null;
}
