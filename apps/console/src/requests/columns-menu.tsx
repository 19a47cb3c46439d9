import { Trans, useLingui } from "@lingui/react/macro";
import { Popover } from "@mantine/core";
import { chosenColumns, columnNames, columnOf, type ColumnName } from "./columns";
import { useRequestsSearch } from "./use-requests-search";
import type { SavedView } from "./views/views-operations";

/** Chooses the columns of the list. */
export function ColumnsMenu({ view }: { readonly view: SavedView | null }) {
  const { t, i18n } = useLingui();
  const { search, update } = useRequestsSearch();
  const chosen = chosenColumns(search.columns, view?.columns ?? []);
  const toggle = (name: ColumnName): void => {
    const next = columnNames.filter((one) => (one === name ? !chosen.includes(one) : chosen.includes(one)));
    update({ columns: next.length === 0 ? undefined : next.join(",") }, { replace: true });
  };
  return (
    <Popover position="bottom-end" trapFocus returnFocus withinPortal={false} shadow="md">
      <Popover.Target>
        <button type="button" className="quiet wide-only">
          <Trans>Columns</Trans>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Columns`}>
        <ul className="choices">
          {columnNames.map((name) => (
            <li key={name}>
              <label>
                <input type="checkbox" data-column={name} checked={chosen.includes(name)} onChange={() => toggle(name)} />
                {i18n._(columnOf(name).title)}
              </label>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
