/** Names of the filters in the address. In a file of their own, because every page loads what addresses can contain. */
export const filterKeys = [
  "type",
  "status",
  "workflow",
  "state",
  "priority",
  "assignee",
  "requester",
  "sla",
  "due",
  "created",
  "changed",
  "ended",
  "impact",
  "urgency",
  "building",
  "number",
  "tags",
] as const;

export type FilterKey = (typeof filterKeys)[number];

/** Values of filters: separated by commas, with `!` before the first if they must not match. */
export type Filters = { readonly [key in FilterKey]?: string };
