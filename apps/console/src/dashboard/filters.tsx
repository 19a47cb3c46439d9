import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { NativeSelect } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ConsoleDashboardChoicesQuery } from "../gql/graphql";
import { dashboardSearch, periods, type DashboardSearch } from "./dashboard-search";

interface FiltersProps {
  readonly search: DashboardSearch;
  readonly choices: ConsoleDashboardChoicesQuery | null;
}

/** What the page shows, kept in the address. */
export function Filters({ search, choices }: FiltersProps) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/dashboard" });
  const { process = "", building = "", days = 30 } = search;
  const show = (change: Record<string, string | number>): void =>
    void navigate({ search: dashboardSearch({ process, building, days, ...change }) });
  const definitions = choices?.definitions?.edges ?? [];
  const buildings = choices?.buildings?.edges ?? [];
  return (
    <header className="dashboard-head">
      <h1>
        <Trans>Dashboard</Trans>
      </h1>
      {definitions.length > 0 && (
        <NativeSelect
          aria-label={t`Process`}
          value={process}
          onChange={({ currentTarget }) => show({ process: currentTarget.value })}
          data={[{ value: "", label: t`All processes` }, ...definitions.map(({ node }) => ({ value: node.key, label: node.name }))]}
        />
      )}
      {buildings.length > 0 && (
        <NativeSelect
          aria-label={t`Building`}
          value={building}
          onChange={({ currentTarget }) => show({ building: currentTarget.value })}
          data={[{ value: "", label: t`All buildings` }, ...buildings.map(({ node }) => ({ value: node.id, label: node.name }))]}
        />
      )}
      <div className="periods" role="group" aria-label={t`Period`}>
        {periods.map((period) => (
          <button key={period} type="button" aria-pressed={period === days} onClick={() => show({ days: period })}>
            <Plural value={period} one="# day" other="# days" />
          </button>
        ))}
      </div>
      <Link className="to-wall" to="/dashboard/wall" search={process === "" ? {} : { process }}>
        <Trans>Wall mode</Trans>
      </Link>
    </header>
  );
}
