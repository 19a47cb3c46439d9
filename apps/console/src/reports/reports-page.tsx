import "./reports.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTimeZone } from "../formats/region";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { can, useViewer } from "../frame/viewer";
import { readFragment } from "../gql";
import type { ComplianceReportFilter, ConsoleReportsQuery } from "../gql/graphql";
import { CardList } from "../parts/list-page/card-list";
import { ListPage } from "../parts/list-page/list-page";
import { usePageList, type PageList } from "../parts/pages/use-page-list";
import { TitledSection } from "../parts/titled-section";
import { FilterBar } from "../requests/filters/filter-bar";
import { DeleteReportDialog } from "./delete-report-dialog";
import { NewReportDialog } from "./new-report-dialog";
import { ReportCard } from "./report-card";
import { reportFields, reportFilter } from "./report-filters";
import { creatableKinds } from "./report-kinds";
import { report, reportsQuery, type Report } from "./report-operations";
import { reportFilterKeys, type ReportsSearch } from "./reports-search";
import { Schedules } from "./schedules";

const route = getRouteApi("/reports");

type Reports = NonNullable<ConsoleReportsQuery["complianceReports"]>["edges"][number]["node"];

/** Compliance reports: what was made, what is being made, and what is made by itself. */
export function ReportsPage() {
  const { t } = useLingui();
  const viewer = useViewer();
  const timeZone = useTimeZone();
  const search: ReportsSearch = route.useSearch();
  const navigate = useNavigate({ from: "/reports" });
  const [isOpen, setOpen] = useState(false);
  const [first, ...others] = creatableKinds(viewer);
  const filters = JSON.stringify(reportFilterKeys.map((key) => search[key]));
  // "Now" is when the filter was chosen.
  const filter = useMemo(() => reportFilter(search, new Date()), [filters, timeZone]);
  const list = usePageList<ConsoleReportsQuery, { readonly filter: ComplianceReportFilter | null }, Reports>({
    query: reportsQuery,
    variables: { filter },
    pageOf: ({ complianceReports }) => complianceReports,
  });
  useKeys({ r: list.reload, ...(first !== undefined && { c: () => setOpen(true) }) });
  const update = (changes: Partial<Record<keyof ReportsSearch, string | undefined>>): void =>
    void navigate({
      search: (before) => Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined)),
    });
  return (
    <ListPage
      name="reports"
      title={t`Compliance reports`}
      action={
        first !== undefined && (
          <Button aria-haspopup="dialog" data-action="new-report" onClick={() => setOpen(true)}>
            <Trans>New report</Trans>
          </Button>
        )
      }
    >
      <Schedules kinds={first === undefined ? [] : [first, ...others]} />
      <TitledSection title={<Trans>Reports</Trans>}>
        <FilterBar
          fields={reportFields}
          filters={search}
          onChange={(key, value) => update({ [key]: value })}
          onClear={() => update(Object.fromEntries(reportFilterKeys.map((key) => [key, undefined])))}
        />
        <List list={list} isFiltered={filter !== null} />
      </TitledSection>
      {isOpen && first !== undefined && (
        <NewReportDialog
          kinds={[first, ...others]}
          onClose={() => setOpen(false)}
          onCreated={() => {
            setOpen(false);
            list.reload();
          }}
        />
      )}
    </ListPage>
  );
}

interface ListProps {
  readonly list: PageList<Reports>;
  readonly isFiltered: boolean;
}

function List({ list, isFiltered }: ListProps) {
  const canDelete = can(useViewer(), "complianceReport.delete");
  const [deleted, setDeleted] = useState<Report | null>(null);
  return (
    <>
      <CardList list={list} empty={<NoReports isFiltered={isFiltered} />}>
        {(rows) =>
          readFragment(report, rows).map((row) => (
            <ReportCard key={row.id} report={row} onDelete={canDelete ? () => setDeleted(row) : null} />
          ))
        }
      </CardList>
      {deleted && (
        <DeleteReportDialog
          report={deleted}
          onClose={() => setDeleted(null)}
          onDeleted={() => {
            setDeleted(null);
            list.reload();
          }}
        />
      )}
    </>
  );
}

const NoReports = ({ isFiltered }: { readonly isFiltered: boolean }) => (
  <Message title={isFiltered ? <Trans>No report matches</Trans> : <Trans>There are no reports yet</Trans>}>
    <p>
      {isFiltered ? (
        <Trans>Remove a filter, or choose other values.</Trans>
      ) : (
        <Trans>Reports answer questions of auditors, as of one moment.</Trans>
      )}
    </p>
  </Message>
);
