import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import { dateText, relativeText } from "../formats/times";
import { words } from "../formats/values";
import { Priority } from "../inbox/priority";
import { requestTitle } from "../parts/request-title";
import type { RequestRow } from "./requests-operations";
import type { OrderName } from "./requests-search";
import { RowSla } from "./row-sla";

interface Column {
  readonly title: MessageDescriptor;
  /** Path of its field, as saved views store it. */
  readonly path: string;
  /** Paths for exports, which have no objects of other parts of the API. */
  readonly exported: readonly string[];
  readonly order?: OrderName;
  /** As in CSS. */
  readonly width: string;
  readonly cell: (row: RequestRow) => ReactNode;
}

const person = (one: { readonly name?: string } | null | undefined): string => one?.name ?? "–";

/** Columns that the user can choose, in their order. The number is always there, and comes first. */
const columns = {
  title: {
    title: msg`Title`,
    path: "data",
    exported: ["data"],
    width: "minmax(180px, 3fr)",
    cell: (row) => <span className="row-title">{requestTitle(row.data, row.type?.name ?? null)}</span>,
  },
  type: { title: msg`Type`, path: "type.name", exported: ["type.name"], width: "minmax(80px, 1fr)", cell: ({ type }) => person(type) },
  state: {
    title: msg`State`,
    path: "state",
    exported: ["state", "status"],
    order: "state",
    width: "minmax(130px, 1.2fr)",
    cell: (row) => <RowState row={row} />,
  },
  priority: {
    title: msg`Priority`,
    path: "priority",
    exported: ["priority"],
    order: "priority",
    width: "80px",
    cell: ({ priority }) => <Priority priority={priority} />,
  },
  requester: {
    title: msg`Requester`,
    path: "createdBy.name",
    exported: ["createdBy.id"],
    width: "minmax(90px, 1fr)",
    cell: ({ createdBy }) => person(createdBy),
  },
  assignee: {
    title: msg`Assignee`,
    path: "assignee",
    exported: [],
    width: "minmax(90px, 1fr)",
    cell: ({ assignee }) => person(assignee),
  },
  sla: { title: msg`Service level`, path: "slaStatus", exported: [], order: "sla", width: "110px", cell: (row) => <RowSla row={row} /> },
  due: { title: msg`Due date`, path: "dueAt", exported: ["dueAt"], order: "due", width: "110px", cell: ({ dueAt }) => <Time at={dueAt} /> },
  building: {
    title: msg`Building`,
    path: "building.name",
    exported: ["building.name"],
    width: "minmax(90px, 1fr)",
    cell: ({ building }) => person(building),
  },
  asset: {
    title: msg`Asset`,
    path: "asset.name",
    exported: ["asset.name"],
    width: "minmax(90px, 1fr)",
    cell: ({ asset }) => person(asset),
  },
  created: {
    title: msg`Created`,
    path: "createdAt",
    exported: ["createdAt"],
    order: "created",
    width: "100px",
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  changed: {
    title: msg`Changed`,
    path: "updatedAt",
    exported: ["updatedAt"],
    order: "changed",
    width: "100px",
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
  },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;

export const columnNames = Object.keys(columns) as readonly ColumnName[];

const usual: readonly ColumnName[] = ["title", "type", "state", "priority", "requester", "assignee", "sla", "changed"];

export const columnOf = (name: ColumnName): Column => columns[name];

/** Returns the columns of the address, otherwise those of the saved view, otherwise the usual ones. */
export function chosenColumns(given: string | undefined, ofView: readonly string[]): readonly ColumnName[] {
  const names = given?.split(",") ?? [];
  const chosen = columnNames.filter((name) => names.includes(name));
  if (chosen.length > 0) return chosen;
  const shared = columnNames.filter((name) => ofView.includes(columns[name].path));
  return shared.length > 0 ? shared : usual;
}

function Time({ at }: { readonly at: string | null }) {
  const { i18n } = useLingui();
  if (at === null) return "–";
  return (
    <time dateTime={at} title={dateText(at, i18n.locale)}>
      {relativeText(at, i18n.locale)}
    </time>
  );
}

/** The state of a request, with a mark that says whether the work goes on. */
const RowState = ({ row: { workflow, state, status, closedAt } }: { readonly row: RequestRow }) => (
  <span className="row-state" data-status={status === "RUNNING" && closedAt !== null ? "COMPLETED" : status}>
    {workflow?.stateTitle ?? words(state)}
  </span>
);
