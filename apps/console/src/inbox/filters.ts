import { msg } from "@lingui/core/macro";
import { dayOf, startOfDay } from "../formats/region";
import type { Priority, TaskFilter, TaskOrder } from "../gql/graphql";

export const priorities = { URGENT: msg`Urgent`, HIGH: msg`High`, NORMAL: msg`Normal`, LOW: msg`Low` } as const satisfies Record<
  Priority,
  unknown
>;

/** Which deadlines a task can have, by their names in the address. */
export const dues = { overdue: msg`Overdue`, today: msg`Today`, week: msg`Within 7 days`, none: msg`No deadline` } as const;
export type Due = keyof typeof dues;

export const orders = {
  due: { title: msg`Deadline`, orderBy: { field: "DUE_AT" } },
  priority: { title: msg`Priority`, orderBy: { field: "PRIORITY", direction: "DESC" } },
  newest: { title: msg`Newest first`, orderBy: { field: "CREATED_AT", direction: "DESC" } },
  oldest: { title: msg`Oldest first`, orderBy: { field: "CREATED_AT", direction: "ASC" } },
} as const satisfies Record<string, { readonly orderBy: TaskOrder; readonly [more: string]: unknown }>;
export type Order = keyof typeof orders;

/** What the list is narrowed to. The address contains it. */
export interface InboxFilters {
  readonly priority?: readonly Priority[];
  readonly due?: Due;
  /** Only tasks that wait for an answer. */
  readonly waiting?: true;
  /** Words of the title. */
  readonly text?: string;
  readonly order?: Order;
}

const isKey = <Key extends string>(of: Readonly<Record<Key, unknown>>, name: unknown): name is Key =>
  typeof name === "string" && Object.hasOwn(of, name);

/** Reads the filters of an address. What is not valid is left out. */
export function filtersOf({ priority, due, waiting, text, order }: Record<string, unknown>): InboxFilters {
  const chosen = Array.isArray(priority) ? priority.filter((one) => isKey(priorities, one)) : [];
  return {
    ...(chosen.length > 0 && { priority: chosen }),
    ...(isKey(dues, due) && { due }),
    ...(waiting === true && { waiting }),
    ...((typeof text === "string" || typeof text === "number") && text !== "" && { text: String(text) }),
    ...(isKey(orders, order) && order !== "due" && { order }),
  };
}

/** Days end at midnight where the user is. */
function dueFilter(due: Due, now: number): TaskFilter {
  if (due === "overdue") return { isOverdue: { eq: true } };
  if (due === "none") return { dueAt: { isNull: true } };
  return { dueAt: { lt: new Date(startOfDay(dayOf(now), due === "today" ? 1 : 8)).toISOString() } };
}

/** Returns the filter of the API. It stays the same all day, so that the list is not loaded again by each render. */
export const taskFilter = ({ priority, due, waiting, text }: InboxFilters, now = Date.now()): TaskFilter => ({
  status: { in: ["OPEN", "CLAIMED"] },
  and: [
    ...(priority ? [{ priority: { in: [...priority] } }] : []),
    ...(due ? [dueFilter(due, now)] : []),
    ...(waiting ? [{ isWaitingForAnswer: { eq: true } }] : []),
    ...(text ? [{ title: { contains: text } }] : []),
  ],
});

/** How many filters are set. */
export const countOf = ({ priority, due, waiting, text }: InboxFilters): number => [priority, due, waiting, text].filter(Boolean).length;
