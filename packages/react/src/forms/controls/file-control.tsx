import { useState, type ReactNode } from "react";
import { FileDrop } from "../../files/file-drop.js";
import { useTexts } from "../../provider/weft-provider.js";
import type { ControlProps } from "../control.js";
import { listOf } from "../model/form.js";

/** Uploads files when they are chosen. The answer is their IDs. */
export function FileControl({ field, path, form, value, onChange, onBlur, inputProps, labelId }: ControlProps): ReactNode {
  const texts = useTexts();
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const ids = (field.isMany ? listOf(value) : typeof value === "string" && value !== "" ? [value] : []).map(String);
  return (
    <>
      <FileDrop
        isMany={field.isMany}
        showsDone={false}
        accept={field.accept}
        maxBytes={field.maxBytes}
        inputProps={inputProps}
        onBlur={onBlur}
        onStart={form.waitFor}
        onUploaded={({ id, name }) => {
          setNames((before) => ({ ...before, [id]: name }));
          // Several uploads can end before the next render.
          form.changeValue(path, (before) => (field.isMany ? [...listOf(before), id] : id));
        }}
      />
      {ids.length > 0 && (
        <ul aria-labelledby={labelId} data-weft="chosen">
          {ids.map((id) => (
            <li key={id}>
              {names[id] ?? id}{" "}
              <button
                type="button"
                onClick={() => {
                  onChange(field.isMany ? ids.filter((one) => one !== id) : undefined);
                  document.getElementById(inputProps.id)?.focus();
                }}
              >
                {texts.remove(names[id] ?? id)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
