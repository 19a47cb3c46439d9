import { useId, type ReactNode } from "react";
import { useTexts, useTimeZone } from "../../provider/weft-provider.js";
import type { ControlProps } from "../control.js";
import { localTime, pointInTime } from "../model/local-time.js";
import { listOf, objectOf } from "../model/form.js";

const inputTypes: Readonly<Record<string, string>> = { email: "email", uri: "url" };

export function TextControl({ field, value, onChange, onBlur, inputProps }: ControlProps): ReactNode {
  const text = typeof value === "string" ? value : "";
  if (field.isMultiline)
    return <textarea {...inputProps} value={text} onChange={(event) => onChange(event.currentTarget.value)} onBlur={onBlur} />;
  const type = inputTypes[String(field.schema["format"])] ?? "text";
  return <input {...inputProps} type={type} value={text} onChange={(event) => onChange(event.currentTarget.value)} onBlur={onBlur} />;
}

/** An input whose text is not a number has the value NaN, so that the form can say so. */
function AmountInput({
  value,
  onChange,
  onBlur,
  inputProps,
}: Pick<ControlProps, "value" | "onChange" | "onBlur" | "inputProps">): ReactNode {
  return (
    <input
      {...inputProps}
      type="number"
      step="any"
      // A number, not its text: React then leaves what the user types, such as "1.0", as it is.
      value={typeof value === "number" && !Number.isNaN(value) ? value : ""}
      onChange={({ currentTarget }) => {
        const { value: text, validity } = currentTarget;
        onChange(text === "" ? (validity.badInput ? Number.NaN : undefined) : Number(text));
      }}
      onBlur={onBlur}
    />
  );
}

export const NumberControl = ({ value, onChange, onBlur, inputProps }: ControlProps): ReactNode => (
  <AmountInput {...{ value, onChange, onBlur, inputProps }} />
);

export function MoneyControl(props: ControlProps): ReactNode {
  const { field, value, onChange, onBlur, inputProps, path, form } = props;
  const texts = useTexts();
  const [only = ""] = field.currencies;
  if (field.currencies.length < 2)
    return (
      <>
        <AmountInput {...{ value, onChange, onBlur, inputProps }} /> <span aria-hidden="true">{only}</span>
      </>
    );
  const { amount, currency = only } = objectOf(value);
  const change = (part: object): void => onChange({ amount, currency, ...part });
  return (
    <>
      <Part {...{ form, path: [...path, "amount"], label: texts.amount, isRequired: props.isRequired }}>
        {(partProps) => (
          <AmountInput
            value={amount}
            onChange={(next) => change({ amount: next })}
            onBlur={() => form.touch([...path, "amount"])}
            inputProps={partProps}
          />
        )}
      </Part>
      <Part {...{ form, path: [...path, "currency"], label: texts.currency, isRequired: props.isRequired }}>
        {(partProps) => (
          <select {...partProps} value={String(currency)} onChange={(event) => change({ currency: event.currentTarget.value })}>
            {field.currencies.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        )}
      </Part>
    </>
  );
}

interface PartProps extends Pick<ControlProps, "form" | "path" | "isRequired"> {
  readonly label: string;
  readonly children: (inputProps: ControlProps["inputProps"]) => ReactNode;
}

/** A labelled part of an answer, with its own problem. */
function Part({ form, path, label, isRequired, children }: PartProps): ReactNode {
  const problem = form.problemAt(path);
  const id = form.idOf(path);
  return (
    <span data-weft="part">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-required": isRequired,
        "aria-invalid": problem !== null,
        "aria-describedby": problem === null ? undefined : `${id}-problem`,
      })}
      {problem !== null && (
        <span id={`${id}-problem`} data-weft="problem">
          {problem}
        </span>
      )}
    </span>
  );
}

export function DateControl({ field, value, onChange, onBlur, inputProps }: ControlProps): ReactNode {
  const timeZone = useTimeZone();
  const text = typeof value === "string" ? value : "";
  return (
    <input
      {...inputProps}
      type={field.hasTime ? "datetime-local" : "date"}
      value={field.hasTime ? localTime(text, timeZone) : text}
      onChange={(event) => {
        const given = event.currentTarget.value;
        onChange(field.hasTime ? pointInTime(given, timeZone) : given);
      }}
      onBlur={onBlur}
    />
  );
}

export const BooleanControl = ({ value, onChange, onBlur, inputProps }: ControlProps): ReactNode => (
  <input
    {...inputProps}
    type="checkbox"
    checked={value === true}
    onChange={(event) => onChange(event.currentTarget.checked)}
    onBlur={onBlur}
  />
);

export function ChoiceControl({ field, value, onChange, onBlur, inputProps }: ControlProps): ReactNode {
  const texts = useTexts();
  const chosen = field.options.findIndex((option) => option.value === value);
  return (
    <select
      {...inputProps}
      value={chosen}
      onChange={(event) => onChange(field.options[Number(event.currentTarget.value)]?.value)}
      onBlur={onBlur}
    >
      <option value={-1}>{texts.none}</option>
      {field.options.map(({ label }, index) => (
        <option key={label} value={index}>
          {label}
        </option>
      ))}
    </select>
  );
}

export function MultiChoiceControl({ field, value, onChange, onBlur, isInvalid }: ControlProps): ReactNode {
  const chosen = listOf(value);
  const id = useId();
  return field.options.map((option, index) => (
    <span key={option.label} data-weft="option">
      <input
        id={`${id}${index}`}
        type="checkbox"
        aria-invalid={isInvalid}
        checked={chosen.includes(option.value)}
        onChange={(event) => {
          const { checked } = event.currentTarget;
          // In the order of the options, whatever the order of the clicks.
          onChange(field.options.map((one) => one.value).filter((one) => (one === option.value ? checked : chosen.includes(one))));
        }}
        onBlur={onBlur}
      />
      <label htmlFor={`${id}${index}`}>{option.label}</label>
    </span>
  ));
}

export function OtherControl({ inputProps }: ControlProps): ReactNode {
  const texts = useTexts();
  return (
    <p id={inputProps.id} tabIndex={-1}>
      {texts.unsupported}
    </p>
  );
}
