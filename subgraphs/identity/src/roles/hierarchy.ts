/** Which roles each role inherits from directly, by ids. */
export type ParentsByRole = ReadonlyMap<string, readonly string[]>;

/**
 * Everything that a role inherits from, nearest first, each with the way to it: from the role itself, both ends included. Of several ways the
 * shortest. The role itself comes first.
 */
export function waysUp(parents: ParentsByRole, roleId: string): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([[roleId, [roleId]]]);
  // A map is walked in the order of its entries, those included that are added on the way: breadth first.
  for (const [id, way] of ways) for (const parent of parents.get(id) ?? []) if (!ways.has(parent)) ways.set(parent, [...way, parent]);
  return ways;
}

/** Everything that inherits from a role, and the role itself. */
export function heirsOf(parents: ParentsByRole, roleId: string): string[] {
  const heirs = new Set([roleId]);
  const children = new Map<string, string[]>();
  for (const [child, above] of parents) for (const parent of above) children.set(parent, [...(children.get(parent) ?? []), child]);
  for (const id of heirs) for (const child of children.get(id) ?? []) heirs.add(child);
  return [...heirs];
}

/** The circle that would close if the role inherited from this parent: from the role back to it. Null: none. */
export function circleThrough(parents: ParentsByRole, roleId: string, parentId: string): string[] | null {
  const back = waysUp(parents, parentId).get(roleId);
  return back ? [roleId, ...back] : null;
}
