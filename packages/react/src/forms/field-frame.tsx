import type { ReactNode } from "react";
import { useTexts } from "../provider/weft-provider.js";
import type { FieldFrameProps } from "./control.js";

/** A field with plain elements: a label and its control, or a `fieldset` around several controls. */
export function FieldFrame(props: FieldFrameProps): ReactNode {
  const { field, label, labelId, inputId, groupProps, isRequired, help, helpId, problem, problemId, children } = props;
  const texts = useTexts();
  const about = (
    <>
      {help !== null && (
        <p id={helpId} data-weft="help">
          {help}
        </p>
      )}
      {problem !== null && (
        <p id={problemId} data-weft="problem">
          {problem}
        </p>
      )}
    </>
  );
  const shared = { "data-weft": "field", "data-type": field.type, "data-name": field.name };
  if (inputId === null)
    return (
      <fieldset {...shared} id={groupProps.id} tabIndex={-1} aria-describedby={groupProps["aria-describedby"]}>
        <legend id={labelId}>
          {label}
          {isRequired && ` (${texts.mandatory})`}
        </legend>
        {children}
        {about}
      </fieldset>
    );
  return (
    <div {...shared}>
      <label id={labelId} htmlFor={inputId}>
        {label}
        {/* Assistive technology reads `aria-required`. */}
        {isRequired && <span aria-hidden="true"> *</span>}
      </label>{" "}
      {children}
      {about}
    </div>
  );
}
