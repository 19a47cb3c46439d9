import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import type { FilterField, FilterValue } from "./filter-field";
import { daysOf, futureRanges, pastRanges } from "./ranges";
import { useChoices } from "./use-choices";

interface FilterEditorProps {
  readonly field: FilterField;
  readonly value: FilterValue;
  readonly types: string | undefined;
  readonly onChange: (value: FilterValue) => void;
  readonly onDone: () => void;
}

/** Chooses the values of a filter, and whether they must match or must not. */
export function FilterEditor(props: FilterEditorProps) {
  const { value, onChange } = props;
  const { t } = useLingui();
  return (
    <div className="filter-editor">
      <label className="negation">
        <span className="hidden">
          <Trans>Condition</Trans>
        </span>
        <select
          value={value.isNegated ? "not" : "is"}
          onChange={({ currentTarget }) => onChange({ ...value, isNegated: currentTarget.value === "not" })}
        >
          <option value="is">{t`is`}</option>
          <option value="not">{t`is not`}</option>
        </select>
      </label>
      <Editor {...props} />
    </div>
  );
}

function Editor(props: FilterEditorProps) {
  switch (props.field.kind) {
    case "dates":
      return <DateEditor {...props} />;
    case "text":
    case "objects":
      return <TextEditor {...props} />;
    case "choice":
    case "types":
    case "states":
    case "people":
    case "workers":
    case "buildings":
      return <ChoiceEditor {...props} />;
  }
}

function ChoiceEditor({ field, value, types, onChange }: FilterEditorProps) {
  const { t } = useLingui();
  const [search, setSearch] = useState("");
  const { choices, isSearched, isLoading } = useChoices(field, { search, types });
  const list = useRef<HTMLUListElement>(null);
  const isChosenHere = !isSearched && choices.length > 0;
  useEffect(() => {
    // Choices that are loaded come after the popover has given the focus to something else.
    if (isChosenHere) list.current?.querySelector("input")?.focus();
  }, [isChosenHere]);
  const toggle = (id: string): void => {
    const values = value.values.includes(id) ? value.values.filter((one) => one !== id) : [...value.values, id];
    onChange({ ...value, values });
  };
  return (
    <>
      {isSearched && (
        <input
          type="search"
          data-autofocus
          aria-label={t`Search`}
          placeholder={t`Search…`}
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      )}
      <ul className="choices" ref={list} onKeyDown={moveWithArrows}>
        {choices.map(({ id, name }, index) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                data-autofocus={(!isSearched && index === 0) || undefined}
                checked={value.values.includes(id)}
                onChange={() => toggle(id)}
              />
              {name}
            </label>
          </li>
        ))}
      </ul>
      {choices.length === 0 && <p className="soft">{isLoading ? t`Loading…` : t`Nothing found.`}</p>}
    </>
  );
}

function moveWithArrows(event: React.KeyboardEvent<HTMLUListElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  const boxes = [...event.currentTarget.querySelectorAll("input")];
  const to = boxes[boxes.indexOf(event.target as HTMLInputElement) + by];
  event.preventDefault();
  to?.focus();
}

function DateEditor({ field, value, onChange }: FilterEditorProps) {
  const { i18n } = useLingui();
  const text = value.values[0] ?? "";
  const { from, to } = daysOf(text);
  const ranges = field.isOfFuture === true ? futureRanges : pastRanges;
  const set = (next: string): void => onChange({ ...value, values: next === ".." ? [] : [next] });
  return (
    <>
      <ul className="choices">
        {Object.entries(ranges).map(([range, title], index) => (
          <li key={range}>
            <label>
              <input
                type="radio"
                name="range"
                data-autofocus={index === 0 || undefined}
                checked={text === range}
                onChange={() => set(range)}
              />
              {i18n._(title)}
            </label>
          </li>
        ))}
      </ul>
      <label>
        <Trans>From</Trans>
        <input type="date" value={from} onChange={({ currentTarget }) => set(`${currentTarget.value}..${to}`)} />
      </label>
      <label>
        <Trans>To</Trans>
        <input type="date" value={to} onChange={({ currentTarget }) => set(`${from}..${currentTarget.value}`)} />
      </label>
    </>
  );
}

function TextEditor({ field, value, onChange, onDone }: FilterEditorProps) {
  const { i18n } = useLingui();
  const [text, setText] = useState(value.values.join(", "));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange({
          ...value,
          values: text
            .split(",")
            .map((one) => one.trim())
            .filter(Boolean),
        });
        onDone();
      }}
    >
      <input data-autofocus aria-label={i18n._(field.title)} value={text} onChange={({ currentTarget }) => setText(currentTarget.value)} />
      <button type="submit">
        <Trans>Apply</Trans>
      </button>
    </form>
  );
}
