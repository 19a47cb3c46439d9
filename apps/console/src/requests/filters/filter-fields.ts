import { msg } from "@lingui/core/macro";
import type { Priority, RequestFilter, RequestLevel, SlaStatus, WorkflowStatus } from "../../gql/graphql";
import { parseValue, type FilterField } from "./filter-field";
import { filterKeys, type FilterKey, type Filters } from "./filter-keys";
import { rangeOf } from "./ranges";

/** Whom `me` means, and when it is. */
export interface FilterContext {
  readonly viewerId: string;
  readonly now: Date;
}

interface RequestFilterField extends FilterField {
  readonly toFilter: (values: readonly string[], context: FilterContext) => RequestFilter;
}

const priorities = { URGENT: msg`Urgent`, HIGH: msg`High`, NORMAL: msg`Normal`, LOW: msg`Low` };
const levels = { HIGH: msg`High`, MEDIUM: msg`Medium`, LOW: msg`Low` };
/** `OPEN` and `ENDED` say whether the work has ended, which is not the same as the status of the workflow. */
const statuses = {
  OPEN: msg`Open`,
  ENDED: msg`Ended`,
  RUNNING: msg`Running`,
  SUSPENDED: msg`Suspended`,
  COMPLETED: msg`Completed`,
  CANCELLED: msg`Canceled`,
  FAILED: msg`Failed`,
};
const slaStatuses = {
  BREACHED: msg`Overdue`,
  WARNING: msg`Soon overdue`,
  ON_TRACK: msg`On track`,
  PAUSED: msg`Paused`,
  MISSED: msg`Missed`,
  MET: msg`Met`,
};

const statusFilter = (value: string): RequestFilter => {
  if (value === "OPEN" || value === "ENDED") return { closedAt: { isNull: value === "OPEN" } };
  return { status: { eq: value as WorkflowStatus } };
};
const anyOf = (filters: readonly RequestFilter[]): RequestFilter => ({ or: [...filters] });
const personIds = (values: readonly string[], { viewerId }: FilterContext): string[] =>
  values.map((value) => (value === "me" ? viewerId : value));
const datesOf = (values: readonly string[], { now }: FilterContext) => rangeOf(values[0] ?? "", now);

/** The conditions that the list can be filtered by, by their names in the address. */
export const filterFields = {
  type: { title: msg`Type`, kind: "types", permission: "requestType.read", toFilter: (values) => ({ typeKey: { in: [...values] } }) },
  status: { title: msg`Status`, kind: "choice", choices: statuses, toFilter: (values) => anyOf(values.map(statusFilter)) },
  workflow: {
    title: msg`Workflow`,
    kind: "text",
    // Its values are keys of definitions, which users do not know.
    isOfLinks: true,
    toFilter: (values) => ({ workflow: { definitionKey: { in: [...values] } } }),
  },
  state: { title: msg`State`, kind: "states", permission: "definition.read", toFilter: (values) => ({ state: { in: [...values] } }) },
  priority: {
    title: msg`Priority`,
    kind: "choice",
    choices: priorities,
    toFilter: (values) => ({ priority: { in: values as Priority[] } }),
  },
  assignee: {
    title: msg`Assignee`,
    kind: "workers",
    toFilter(values, context) {
      const ids = personIds(values, context).filter((id) => id !== "none");
      const filters: RequestFilter[] = ids.length > 0 ? [{ assignee: { in: ids } }] : [];
      return anyOf(values.includes("none") ? [...filters, { assignee: { isNull: true } }] : filters);
    },
  },
  requester: {
    title: msg`Requester`,
    kind: "people",
    permission: "user.read",
    toFilter: (values, context) => ({ createdBy: { in: personIds(values, context) } }),
  },
  sla: {
    title: msg`Service level`,
    permission: "sla.read",
    kind: "choice",
    choices: slaStatuses,
    toFilter: (values) => ({ sla: { status: { in: values as SlaStatus[] } } }),
  },
  due: { title: msg`Due date`, kind: "dates", isOfFuture: true, toFilter: (values, context) => ({ dueAt: datesOf(values, context) }) },
  created: { title: msg`Created`, kind: "dates", toFilter: (values, context) => ({ createdAt: datesOf(values, context) }) },
  changed: { title: msg`Changed`, kind: "dates", toFilter: (values, context) => ({ updatedAt: datesOf(values, context) }) },
  ended: { title: msg`Ended`, kind: "dates", toFilter: (values, context) => ({ closedAt: datesOf(values, context) }) },
  impact: { title: msg`Impact`, kind: "choice", choices: levels, toFilter: (values) => ({ impact: { in: values as RequestLevel[] } }) },
  urgency: { title: msg`Urgency`, kind: "choice", choices: levels, toFilter: (values) => ({ urgency: { in: values as RequestLevel[] } }) },
  building: {
    title: msg`Building`,
    kind: "buildings",
    permission: "building.read",
    toFilter: (values) => ({ building: { in: [...values] } }),
  },
  number: { title: msg`Number`, kind: "text", toFilter: (values) => anyOf(values.map((value) => ({ number: { contains: value } }))) },
  tags: { title: msg`Tags`, kind: "text", toFilter: (values) => ({ tags: { hasAny: [...values] } }) },
} as const satisfies Record<FilterKey, RequestFilterField>;

/** Returns the filter of the API for the filters and the search of the address. Null if there are none. */
export function requestFilter(filters: Filters & { readonly q?: string }, context: FilterContext): RequestFilter | null {
  const all: RequestFilter[] = filters.q === undefined ? [] : [{ search: { contains: filters.q } }];
  for (const key of filterKeys) {
    const { isNegated, values } = parseValue(filters[key] ?? "");
    if (values.length === 0) continue;
    const field: RequestFilterField = filterFields[key];
    const filter = field.toFilter(values, context);
    all.push(isNegated ? { not: filter } : filter);
  }
  return all.length === 0 ? null : { and: all };
}
