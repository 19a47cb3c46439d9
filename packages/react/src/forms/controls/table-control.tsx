import { useEffect, useRef, type ReactNode } from "react";
import { useTexts } from "../../provider/weft-provider.js";
import type { ControlProps } from "../control.js";
import { newRow } from "../model/answers.js";
import { listOf } from "../model/form.js";

export interface TableControlProps extends ControlProps {
  /** Draws the fields of a row. */
  readonly renderRow: (index: number) => ReactNode;
}

/** Rows of fields. A new row gets the focus; after a row is removed, the button that adds one gets it. */
export function TableControl({ field, path, form, value, onChange, renderRow }: TableControlProps): ReactNode {
  const texts = useTexts();
  const rows = listOf(value);
  const list = useRef<HTMLOListElement | null>(null);
  const add = useRef<HTMLButtonElement | null>(null);
  const isAdded = useRef(false);
  useEffect(() => {
    if (!isAdded.current) return;
    isAdded.current = false;
    list.current?.lastElementChild?.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
  }, [rows.length]);
  const most = field.schema["maxItems"];
  return (
    <>
      <ol ref={list} data-weft="rows">
        {rows.map((_, index) => (
          // Rows have no identity of their own, and their controls keep no state.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>
            <fieldset>
              <legend>{texts.row(index + 1)}</legend>
              {renderRow(index)}
              <button
                type="button"
                onClick={() => {
                  onChange(rows.filter((_row, other) => other !== index));
                  add.current?.focus();
                }}
              >
                {texts.removeRow(index + 1)}
              </button>
            </fieldset>
          </li>
        ))}
      </ol>
      <button
        ref={add}
        type="button"
        disabled={typeof most === "number" && rows.length >= most}
        onClick={() => {
          isAdded.current = true;
          form.setValue(path, [...rows, newRow(field)]);
        }}
      >
        {texts.addRow}
      </button>
    </>
  );
}
