import { useId, useMemo, useState, type KeyboardEvent, type ReactNode } from "react";
import { createLiveQuery } from "../../live/live-query.js";
import { useLiveState } from "../../live/use-live-query.js";
import { useTexts, useWeft } from "../../provider/weft-provider.js";
import type { ControlProps } from "../control.js";
import { listOf } from "../model/form.js";
import { nameQuery, type FoundName, type Reference, type ReferenceType } from "./references.js";
import { useSearch } from "./use-search.js";

/** Chooses users, assets or buildings by typing a part of their name: a combobox with a list, as the ARIA Authoring Practices describe it. */
export function ReferenceControl(props: ControlProps): ReactNode {
  const { field, value, onChange } = props;
  const texts = useTexts();
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const choose = ({ id, name }: Reference): void => {
    setNames((before) => ({ ...before, [id]: name }));
    if (!field.isMany) onChange(id);
    else if (!listOf(value).includes(id)) onChange([...listOf(value), id]);
  };
  if (!field.isMany) {
    const id = typeof value === "string" && value !== "" ? value : null;
    return id === null || names[id] !== undefined ? (
      <Combobox {...props} chosen={id === null ? null : (names[id] ?? null)} onChoose={choose} />
    ) : (
      <NameOf key={id} id={id}>
        {(name) => <Combobox {...props} chosen={name} onChoose={choose} />}
      </NameOf>
    );
  }
  const chosen = listOf(value).map(String);
  const chip = (id: string, name: string): ReactNode => (
    <>
      {name}{" "}
      <button
        type="button"
        onClick={() => {
          onChange(chosen.filter((one) => one !== id));
          document.getElementById(props.inputProps.id)?.focus();
        }}
      >
        {texts.remove(name)}
      </button>
    </>
  );
  return (
    <>
      {chosen.length > 0 && (
        <ul aria-labelledby={props.labelId} data-weft="chosen">
          {chosen.map((id) => (
            <li key={id}>{names[id] === undefined ? <NameOf id={id}>{(name) => chip(id, name)}</NameOf> : chip(id, names[id])}</li>
          ))}
        </ul>
      )}
      <Combobox {...props} chosen={null} onChoose={choose} />
    </>
  );
}

/** Loads the name of an object that the form begins with. */
function NameOf({ id, children }: { readonly id: string; readonly children: (name: string) => ReactNode }): ReactNode {
  const client = useWeft();
  const live = useMemo(
    () => createLiveQuery<FoundName>({ client, query: nameQuery, variables: { id }, follow: () => [], previous: null }),
    [client, id],
  );
  const { data } = useLiveState(live);
  return children(data?.node?.name ?? id);
}

interface ComboboxProps extends ControlProps {
  /** Name of what is chosen. */
  readonly chosen: string | null;
  readonly onChoose: (reference: Reference) => void;
}

/** A search waits until the user pauses. */
const typingMs = 200;

function Combobox({ field, chosen, onChoose, onChange, onBlur, inputProps, labelId }: ComboboxProps): ReactNode {
  const texts = useTexts();
  const listId = useId();
  const { found, isLoading, error, search } = useSearch(field.type as ReferenceType);
  /** What the user types. Null: nothing since the last choice. */
  const [typed, setTyped] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const close = (): void => {
    setOpen(false);
    setActive(-1);
  };
  const open = (text: string, delayMs: number): void => {
    setOpen(true);
    setActive(-1);
    search(text, delayMs);
  };
  const choose = (reference: Reference): void => {
    onChoose(reference);
    setTyped(null);
    close();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault();
        if (!isOpen) return open(typed ?? "", 0);
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (found.length > 0)
          setActive((before) => (before === -1 && step === -1 ? found.length - 1 : (before + step + found.length) % found.length));
        return;
      }
      case "Enter": {
        const reference = found[active];
        if (!isOpen || !reference) return;
        event.preventDefault();
        return choose(reference);
      }
      case "Escape":
        if (!isOpen) return;
        // Only the list closes, not the dialog around it.
        event.stopPropagation();
        setTyped(null);
        return close();
    }
  };
  return (
    <span data-weft="combobox">
      <input
        {...inputProps}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-activedescendant={isOpen && active >= 0 ? `${listId}${active}` : undefined}
        value={typed ?? (field.isMany ? "" : (chosen ?? ""))}
        placeholder={texts.search}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          if (text === "" && !field.isMany) onChange(undefined);
          open(text, typingMs);
        }}
        onKeyDown={onKeyDown}
        onClick={() => open(typed ?? "", 0)}
        onBlur={() => {
          // A text that nobody has chosen from the list is no answer.
          setTyped(null);
          close();
          onBlur();
        }}
      />
      <ul id={listId} role="listbox" aria-labelledby={labelId} hidden={!isOpen}>
        {found.map((reference, index) => (
          <li
            key={reference.id}
            id={`${listId}${index}`}
            role="option"
            aria-selected={index === active}
            // Before the input loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              choose(reference);
            }}
          >
            {reference.name} {reference.detail !== null && <small>{reference.detail}</small>}
          </li>
        ))}
      </ul>
      <span role="status">
        {isOpen && !isLoading && (error?.message ?? (found.length === 0 ? texts.noMatch : texts.matches(found.length)))}
      </span>
    </span>
  );
}
