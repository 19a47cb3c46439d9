import { decodeId } from "@weft/shared/ids";

/** An answer with the tasks of twenty instances, in a form that both systems' answers can be converted to. */
export type NestedList = readonly {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly version: number;
  readonly tasks: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: string;
    readonly assignee: string;
    readonly name?: string;
  }[];
}[];

/** The same list in Weft's schema and in that of PostGraphile. */
export interface NestedListQuery {
  readonly weft: string;
  readonly peer: string;
}

/** As a subgraph can answer it: the assignees are references to another subgraph, so PostGraphile does not join them either. */
export const withReferences: NestedListQuery = queriesWith("assignee { id }", "assigneeId");

/** With the names of the assignees. */
export const withNames: NestedListQuery = queriesWith("assignee { id name }", "assigneeId assignee { name }");

function queriesWith(weft: string, peer: string): NestedListQuery {
  return {
    weft: `query Nested { workflowInstances(first: 20) { edges { node { id state status version tasks { id title status ${weft} } } } } }`,
    peer: `query Nested { allInstances(first: 20, orderBy: PRIMARY_KEY_DESC) { edges { node { rowId state status version openedTasks { nodes { rowId title status ${peer} } } } } } }`,
  };
}

interface WeftAnswer {
  readonly data?: {
    readonly workflowInstances: {
      readonly edges: readonly {
        readonly node: Omit<NestedList[number], "tasks"> & {
          readonly tasks: readonly (Omit<NestedList[number]["tasks"][number], "assignee"> & {
            readonly assignee: { readonly id: string; readonly name?: string };
          })[];
        };
      }[];
    };
  };
}

interface PeerAnswer {
  readonly data?: {
    readonly allInstances: {
      readonly edges: readonly {
        readonly node: Omit<NestedList[number], "id" | "tasks"> & {
          readonly rowId: string;
          readonly openedTasks: {
            readonly nodes: readonly {
              readonly rowId: string;
              readonly title: string;
              readonly status: string;
              readonly assigneeId: string;
              readonly assignee?: { readonly name: string };
            }[];
          };
        };
      }[];
    };
  };
}

/** @throws Error if the text is not the complete list */
export function parseWeftAnswer(text: string): NestedList {
  const { data } = JSON.parse(text) as WeftAnswer;
  const list = data?.workflowInstances.edges.map(({ node: { id, tasks, ...instance } }) => ({
    ...instance,
    id: decodeId("instance", id),
    tasks: tasks.map(({ assignee, ...task }) => ({
      ...task,
      id: decodeId("task", task.id),
      assignee: decodeId("user", assignee.id),
      ...(assignee.name !== undefined && { name: assignee.name }),
    })),
  }));
  return checked(list, text);
}

/** @throws Error if the text is not the complete list */
export function parsePeerAnswer(text: string): NestedList {
  const { data } = JSON.parse(text) as PeerAnswer;
  const list = data?.allInstances.edges.map(({ node: { rowId, openedTasks, ...instance } }) => ({
    ...instance,
    id: rowId,
    tasks: openedTasks.nodes.map(({ rowId: id, title, status, assigneeId, assignee }) => ({
      id,
      title,
      status,
      assignee: assigneeId,
      ...(assignee && { name: assignee.name }),
    })),
  }));
  return checked(list, text);
}

function checked(list: NestedList | undefined, text: string): NestedList {
  if (list?.length !== 20 || !list.every(({ tasks }) => tasks.length === 3))
    throw new Error(`This is not a list of 20 instances with three tasks each: ${text.slice(0, 1_000)}`);
  return list;
}
