import "./privacy.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTimeZone } from "../formats/region";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { can, useViewer } from "../frame/viewer";
import { readFragment } from "../gql";
import type { ConsolePrivacyRequestsQuery, PrivacyRequestFilter } from "../gql/graphql";
import { CardList } from "../parts/list-page/card-list";
import { ListPage } from "../parts/list-page/list-page";
import { usePageList } from "../parts/pages/use-page-list";
import { TitledSection } from "../parts/titled-section";
import { FilterBar } from "../requests/filters/filter-bar";
import { Holds } from "./holds";
import { NewRequestDialog } from "./new-request-dialog";
import { privacyFields, privacyFilter } from "./privacy-filters";
import { privacyRequest, privacyRequestsQuery } from "./privacy-operations";
import { privacyFilterKeys, type PrivacySearch } from "./privacy-search";
import { RequestCard } from "./request-card";

const route = getRouteApi("/privacy");

type Requests = NonNullable<ConsolePrivacyRequestsQuery["privacyRequests"]>["edges"][number]["node"];

/** Requests about persons, with their decisions and receipts, and the legal holds that stop erasures. */
export function PrivacyPage() {
  const { t } = useLingui();
  const canManage = can(useViewer(), "privacy.manage");
  const timeZone = useTimeZone();
  const search: PrivacySearch = route.useSearch();
  const navigate = useNavigate({ from: "/privacy" });
  const [isOpen, setOpen] = useState(false);
  const filters = JSON.stringify(privacyFilterKeys.map((key) => search[key]));
  // "Now" is when the filter was chosen.
  const filter = useMemo(() => privacyFilter(search, new Date()), [filters, timeZone]);
  const list = usePageList<ConsolePrivacyRequestsQuery, { readonly filter: PrivacyRequestFilter | null }, Requests>({
    query: privacyRequestsQuery,
    variables: { filter },
    pageOf: ({ privacyRequests }) => privacyRequests,
  });
  useKeys({ r: list.reload, ...(canManage && { c: () => setOpen(true) }) });
  const update = (changes: { readonly [key in keyof PrivacySearch]?: PrivacySearch[key] | undefined }): void =>
    void navigate({
      search: (before) =>
        Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined)) as PrivacySearch,
    });
  return (
    <ListPage
      name="privacy"
      title={t`Privacy`}
      action={
        canManage && (
          <Button aria-haspopup="dialog" data-action="new-request" onClick={() => setOpen(true)}>
            <Trans>New privacy request</Trans>
          </Button>
        )
      }
    >
      <Holds areAllShown={search.holds === "all"} onShow={(all) => update({ holds: all ? "all" : undefined })} onChanged={list.reload} />
      <TitledSection title={<Trans>Requests about persons</Trans>}>
        <FilterBar
          fields={privacyFields}
          filters={search}
          onChange={(key, value) => update({ [key]: value })}
          onClear={() => update(Object.fromEntries(privacyFilterKeys.map((key) => [key, undefined])))}
        />
        <CardList list={list} empty={<NoRequests isFiltered={filter !== null} />}>
          {(rows) => readFragment(privacyRequest, rows).map((row) => <RequestCard key={row.id} request={row} onChanged={list.reload} />)}
        </CardList>
      </TitledSection>
      {isOpen && (
        <NewRequestDialog
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

const NoRequests = ({ isFiltered }: { readonly isFiltered: boolean }) => (
  <Message title={isFiltered ? <Trans>No privacy request matches</Trans> : <Trans>There are no privacy requests yet</Trans>}>
    <p>
      {isFiltered ? (
        <Trans>Remove a filter, or choose other values.</Trans>
      ) : (
        <Trans>Somebody who asks for their data, or wants it erased, is answered here.</Trans>
      )}
    </p>
  </Message>
);
