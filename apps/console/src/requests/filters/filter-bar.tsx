import { Trans, useLingui } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import { useState } from "react";
import { useKeys } from "../../frame/use-keys";
import { can, useViewer, type Viewer } from "../../frame/viewer";
import { FilterChip } from "./filter-chip";
import type { FilterField } from "./filter-field";
import "./filters.css";

interface FilterBarProps<Key extends string> {
  /** The conditions, in the order of the menu. */
  readonly fields: Readonly<Record<Key, FilterField>>;
  readonly filters: { readonly [key in NoInfer<Key>]?: string };
  /** Filter of types of requests, whose states are offered. */
  readonly types?: string | undefined;
  /** Undefined removes the filter. */
  readonly onChange: (key: Key, value: string | undefined) => void;
  readonly onClear: () => void;
}

const isOffered = (viewer: Viewer | null, { isOfLinks, permission }: FilterField): boolean =>
  isOfLinks !== true && (permission === undefined || can(viewer, permission));

/** The filters of a list as chips, and a menu that adds one. */
export function FilterBar<Key extends string>({ fields, filters, types, onChange, onClear }: FilterBarProps<Key>) {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [added, setAdded] = useState<Key | null>(null);
  useKeys({ f: () => setMenuOpen(true) });
  const keys = Object.keys(fields) as Key[];
  const shown = keys.filter((key) => filters[key] !== undefined || key === added);
  return (
    <div className="filters" role="group" aria-label={t`Filters`}>
      {shown.map((key) => (
        <FilterChip
          key={key}
          name={key}
          field={fields[key]}
          value={filters[key]}
          types={types}
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
          {keys
            .filter((key) => !shown.includes(key) && isOffered(viewer, fields[key]))
            .map((key) => (
              <Menu.Item key={key} data-filter={key} onClick={() => setAdded(key)}>
                {i18n._(fields[key].title)}
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
