import type { WeftError } from "@weft/client";
import type { ComponentType, ReactNode } from "react";
import { ErrorMessage } from "../errors/error-message.js";
import { useTexts } from "../provider/weft-provider.js";
import type { ControlProps, FieldFrameProps } from "./control.js";
import { FileControl } from "./controls/file-control.js";
import {
  BooleanControl,
  ChoiceControl,
  DateControl,
  MoneyControl,
  MultiChoiceControl,
  NumberControl,
  OtherControl,
  TextControl,
} from "./controls/inputs.js";
import { ReferenceControl } from "./controls/reference-control.js";
import { TableControl } from "./controls/table-control.js";
import { FieldFrame } from "./field-frame.js";
import type { FieldType, FormDescription, FormField, Path } from "./model/form.js";
import { useForm, type FormController, type FormOptions } from "./use-form.js";

/** What draws a form. Each entry replaces the plain element. */
export interface FormComponents extends Partial<Readonly<Record<Exclude<FieldType, "table">, ComponentType<ControlProps>>>> {
  /** Label, help and problem around a control. */
  readonly frame?: ComponentType<FieldFrameProps>;
}

export interface WeftFormProps extends FormOptions {
  readonly form: FormDescription;
  readonly components?: FormComponents;
  /** Drawn after the fields, instead of a button that submits the form. */
  readonly children?: ReactNode | ((form: FormController) => ReactNode);
}

/** A form of a task, a transition or a new request. */
export function WeftForm({ form: description, components = {}, children, ...options }: WeftFormProps): ReactNode {
  const texts = useTexts();
  const form = useForm(description, options);
  const { title, description: about } = form.model;
  return (
    <form {...form.formProps} aria-label={title ?? undefined} data-weft="form">
      {about !== null && <p data-weft="description">{about}</p>}
      <FormFields form={form} components={components} />
      <FormProblems form={form} error={options.error ?? null} />
      {typeof children === "function"
        ? children(form)
        : (children ?? (
            <button type="submit" disabled={form.isSubmitting}>
              {texts.submit}
            </button>
          ))}
    </form>
  );
}

/** What is wrong with the whole form. Problems of fields are at the fields. */
export function FormProblems({ form, error }: { readonly form: FormController; readonly error: WeftError | null }): ReactNode {
  if (form.problems.length > 0)
    return (
      <div role="alert" data-weft="problems">
        {form.problems.map(({ path, message }) => (
          <p key={`${path.join(".")} ${message}`}>{message}</p>
        ))}
      </div>
    );
  return error && error.code !== "BAD_USER_INPUT" ? <ErrorMessage error={error} /> : null;
}

export interface FormFieldsProps {
  readonly form: FormController;
  readonly components?: FormComponents;
}

/** The fields of a form, for an application that draws the form itself. */
export const FormFields = ({ form, components = {} }: FormFieldsProps): ReactNode =>
  form.fields.map((field) => (
    <Field key={field.path.join("/")} {...{ field, form, components }} path={field.path} isRequired={form.isRequired(field)} />
  ));

const controls: Readonly<Record<Exclude<FieldType, "table">, ComponentType<ControlProps>>> = {
  text: TextControl,
  number: NumberControl,
  money: MoneyControl,
  date: DateControl,
  boolean: BooleanControl,
  choice: ChoiceControl,
  multiChoice: MultiChoiceControl,
  user: ReferenceControl,
  asset: ReferenceControl,
  building: ReferenceControl,
  file: FileControl,
  other: OtherControl,
};

interface FieldProps {
  readonly field: FormField;
  readonly form: FormController;
  readonly components: FormComponents;
  readonly path: Path;
  readonly isRequired: boolean;
}

const isGroup = ({ type, currencies }: FormField): boolean =>
  type === "multiChoice" || type === "table" || (type === "money" && currencies.length > 1);

function Field({ field, form, components, path, isRequired }: FieldProps): ReactNode {
  const Frame = components.frame ?? FieldFrame;
  const id = form.idOf(path);
  const [helpId, problemId, labelId] = [`${id}-help`, `${id}-problem`, `${id}-label`];
  const problem = form.problemAt(path);
  const about = [...(field.help === null ? [] : [helpId]), ...(problem === null ? [] : [problemId])];
  const props: ControlProps = {
    field,
    path,
    form,
    value: form.valueAt(path),
    onChange: (value) => form.setValue(path, value),
    onBlur: () => form.touch(path),
    isInvalid: problem !== null,
    isRequired,
    labelId,
    inputProps: {
      id,
      "aria-required": isRequired,
      "aria-invalid": problem !== null,
      "aria-describedby": about.length === 0 ? undefined : about.join(" "),
    },
  };
  return (
    <Frame
      {...{ field, labelId, isRequired, help: field.help, helpId, problem, problemId }}
      label={field.label}
      inputId={isGroup(field) ? null : id}
      groupProps={props.inputProps}
    >
      {field.type === "table" ? (
        <TableControl {...props} renderRow={(index) => <Row {...{ field, form, components }} path={[...path, index]} />} />
      ) : (
        <Control {...props} of={components[field.type] ?? controls[field.type]} />
      )}
    </Frame>
  );
}

const Control = ({ of: Drawn, ...props }: ControlProps & { readonly of: ComponentType<ControlProps> }): ReactNode => <Drawn {...props} />;

const Row = ({ field, form, components, path }: Omit<FieldProps, "isRequired">): ReactNode =>
  field.columns.map((column) => (
    <Field key={column.name} {...{ form, components }} field={column} path={[...path, column.name]} isRequired={column.isRequired} />
  ));
