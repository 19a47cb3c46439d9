import type { WeftError } from "@weft/client";
import { useLiveQuery, useWeft } from "@weft/react";
import { useCallback, useMemo, useState } from "react";
import { useTimeZone } from "../formats/region";
import { readFragment, type FragmentType } from "../gql";
import { usePages, type Page } from "../parts/use-pages";
import { orders, taskFilter, type InboxFilters } from "./filters";
import { inboxChanged, inboxQuery, inboxRows, moreTasks, type InboxTask } from "./inbox-operations";
import { queues, type QueueName } from "./queues";

function pageOf(connection: FragmentType<typeof inboxRows>): Page<InboxTask> {
  const { edges, pageInfo } = readFragment(inboxRows, connection);
  return { rows: edges.map(({ node }) => node), endCursor: pageInfo.endCursor ?? null, hasNextPage: pageInfo.hasNextPage };
}

interface Inbox {
  /** Identifies the queue and its filters. */
  readonly list: string;
  /** Those that have been loaded so far. Null while the first ones are loaded. */
  readonly tasks: readonly InboxTask[] | null;
  readonly total: number;
  readonly error: WeftError | null;
  /** Tells which rows the user sees, so that those after them are loaded. */
  readonly see: (from: number, to: number) => void;
}

/** The tasks of a list, kept up to date. */
export function useInbox(queue: QueueName, filters: InboxFilters): Inbox {
  const client = useWeft();
  // Days end at midnight there.
  useTimeZone();
  const [seen, setSeen] = useState({ from: 0, to: 0 });
  const variables = { queue: queues[queue].queue, filter: taskFilter(filters), orderBy: orders[filters.order ?? "due"].orderBy };
  const list = JSON.stringify(variables);
  const { data, error } = useLiveQuery(inboxQuery, inboxChanged, variables);
  const tasks = data?.tasks ?? null;
  const first = useMemo(() => (tasks === null ? null : pageOf(tasks)), [tasks]);
  const load = async (after: string): Promise<Page<InboxTask>> => {
    const { tasks: more } = await client.query(moreTasks, { ...variables, after });
    return more ? pageOf(more) : { rows: [], endCursor: null, hasNextPage: false };
  };
  const pages = usePages({ first, load, list, ...seen });
  const see = useCallback((from: number, to: number) => setSeen({ from, to }), []);
  return { list, tasks: pages.rows, total: tasks?.totalCount ?? 0, error: error ?? pages.error, see };
}
