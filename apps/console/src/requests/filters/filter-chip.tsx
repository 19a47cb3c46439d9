import { useLingui } from "@lingui/react/macro";
import { Popover } from "@mantine/core";
import { useState } from "react";
import { FilterEditor } from "./filter-editor";
import { parseValue, writeValue, type FilterField } from "./filter-field";
import { useValueNames } from "./use-value-names";

interface FilterChipProps {
  /** Its name in the address. */
  readonly name: string;
  readonly field: FilterField;
  readonly value: string | undefined;
  /** Keys of the types that the list is filtered by, whose states are offered. */
  readonly types: string | undefined;
  readonly opensAtOnce: boolean;
  readonly onChange: (value: string | undefined) => void;
  readonly onClosed: () => void;
}

/** A filter: what it says, its editor, and a button that removes it. */
export function FilterChip({ name, field, value = "", types, opensAtOnce, onChange, onClosed }: FilterChipProps) {
  const { t, i18n } = useLingui();
  const [isOpen, setOpen] = useState(opensAtOnce);
  const title = i18n._(field.title);
  const parsed = parseValue(value);
  const names = useValueNames(field, parsed.values);
  const set = (open: boolean): void => {
    setOpen(open);
    if (!open) onClosed();
  };
  return (
    <span className="chip" data-filter={name}>
      <Popover opened={isOpen} onChange={set} position="bottom-start" trapFocus returnFocus withinPortal={false} shadow="md">
        <Popover.Target>
          <button type="button" onClick={() => set(!isOpen)}>
            {title} <span className="soft">{parsed.isNegated ? t`is not` : t`is`}</span> {names.length === 0 ? "…" : names.join(", ")}
          </button>
        </Popover.Target>
        <Popover.Dropdown aria-label={title}>
          <FilterEditor
            field={field}
            value={parsed}
            types={types}
            onChange={(next) => onChange(writeValue(next))}
            onDone={() => set(false)}
          />
        </Popover.Dropdown>
      </Popover>
      <button
        type="button"
        aria-label={t`Remove the filter ${title}`}
        onClick={() => {
          onChange(undefined);
          onClosed();
        }}
      >
        <span aria-hidden="true">×</span>
      </button>
    </span>
  );
}
