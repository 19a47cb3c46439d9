import { Trans, useLingui } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import { useState } from "react";
import { useKeys } from "../../frame/use-keys";
import { can, useViewer, type Viewer } from "../../frame/viewer";
import { FilterChip } from "./filter-chip";
import { fieldOf } from "./filter-fields";
import { filterKeys, type FilterKey, type Filters } from "./filter-keys";

interface FilterBarProps {
  readonly filters: Filters;
  /** Undefined removes the filter. */
  readonly onChange: (key: FilterKey, value: string | undefined) => void;
  readonly onClear: () => void;
}

const permissions: Partial<Record<FilterKey, string>> = {
  requester: "user.read",
  building: "building.read",
  sla: "sla.read",
  state: "definition.read",
  type: "requestType.read",
};
const isOffered = (viewer: Viewer | null, key: FilterKey): boolean =>
  fieldOf(key).isOfLinks !== true && (permissions[key] === undefined || can(viewer, permissions[key]));

/** The filters of a list as chips, and a menu that adds one. */
export function FilterBar({ filters, onChange, onClear }: FilterBarProps) {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [added, setAdded] = useState<FilterKey | null>(null);
  useKeys({ f: () => setMenuOpen(true) });
  const shown = filterKeys.filter((key) => filters[key] !== undefined || key === added);
  return (
    <div className="filters" role="group" aria-label={t`Filters`}>
      {shown.map((key) => (
        <FilterChip
          key={key}
          filterKey={key}
          value={filters[key]}
          types={filters.type}
          opensAtOnce={key === added}
          onChange={(value) => onChange(key, value)}
          onClosed={() => setAdded((before) => (before === key ? null : before))}
        />
      ))}
      <Menu
        opened={isMenuOpen}
        onChange={setMenuOpen}
        position="bottom-start"
        withinPortal={false}
        shadow="md"
        returnFocus={added === null}
      >
        <Menu.Target>
          <button type="button" className="quiet">
            <span aria-hidden="true">+</span> <Trans>Add filter</Trans>
          </button>
        </Menu.Target>
        <Menu.Dropdown className="tall">
          {filterKeys
            .filter((key) => !shown.includes(key) && isOffered(viewer, key))
            .map((key) => (
              <Menu.Item key={key} data-filter={key} onClick={() => setAdded(key)}>
                {i18n._(fieldOf(key).title)}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      {shown.length > 1 && (
        <button type="button" className="quiet" onClick={onClear}>
          <Trans>Clear</Trans>
        </button>
      )}
    </div>
  );
}
