/** An item of a list, and its place in it. */
export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

export interface Page<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}

/** The ID of an item; of one without an ID, the item. */
const identityOf = (node: unknown): unknown => (typeof node === "object" && node !== null && "id" in node ? node.id : node);

/**
 * Puts the newest page of a list in front of what was loaded before. What has left the newest page because of newer items stays; if more has happened
 * than a page holds, only the newest page is left. What has moved up to the newest page leaves its old place.
 */
export function joinPages<Node>(newest: Page<Node>, before: Page<Node> | null): Page<Node> {
  const last = newest.edges.at(-1);
  if (!newest.pageInfo.hasNextPage || last === undefined || before === null) return newest;
  const at = before.edges.findIndex(({ cursor }) => cursor === last.cursor);
  if (at === -1) return newest;
  const moved = new Set(newest.edges.map(({ node }) => identityOf(node)));
  const older = before.edges.slice(at + 1).filter(({ node }) => !moved.has(identityOf(node)));
  return { edges: [...newest.edges, ...older], pageInfo: before.edges.length > at + 1 ? before.pageInfo : newest.pageInfo };
}
