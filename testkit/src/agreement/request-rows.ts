import type { TestUser } from "../test-user.js";
import { codesOf } from "../isolation/answers.js";

/** What a user sees of a request through `nodes`. */
export interface RequestRow {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly status: string;
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly priority: string;
  readonly impact: string | null;
  readonly dueAt: string | null;
  readonly tags: readonly string[];
  readonly viewerIsWatching: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Null if the user cannot see the workflow. */
  readonly workflow: WorkflowRow | null;
  /** Texts of the comments that the user can read. */
  readonly comments: readonly string[];
}

interface WorkflowRow {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly version: number;
  readonly updatedAt: string;
}

/** Fields whose changes are delivered as events. */
export const liveFields = "id number state status version data priority impact dueAt tags updatedAt";

const fields = `${liveFields} viewerIsWatching createdAt workflow { id state status version updatedAt }`;
const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Request { ${fields} comments(first: 50) { totalCount edges { node { text } } } } } }`;

interface Node extends Omit<RequestRow, "comments"> {
  readonly comments: { readonly totalCount: number; readonly edges: readonly { readonly node: { readonly text: string } }[] };
}

/** Returns those of the requests that a user sees, by their IDs. */
export async function requestRows(user: TestUser, ids: readonly string[]): Promise<Map<string, RequestRow>> {
  const rows = new Map<string, RequestRow>();
  for (let start = 0; start < ids.length; start += 20) {
    const answer = await user.send<{ nodes: (Node | null)[] }>(query, { ids: ids.slice(start, start + 20) });
    // The workflow of a request, without workflow.read.
    if (codesOf(answer).some((code) => code !== "FORBIDDEN")) throw new Error(JSON.stringify(answer.errors));
    for (const node of answer.data?.nodes ?? []) {
      if (node === null) continue;
      if (node.comments.totalCount !== node.comments.edges.length)
        throw new Error(`${node.number} has ${node.comments.totalCount} comments, of which ${node.comments.edges.length} were read.`);
      rows.set(node.id, { ...node, comments: node.comments.edges.map(({ node: { text } }) => text) });
    }
  }
  return rows;
}
