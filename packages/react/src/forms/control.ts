import type { ReactNode } from "react";
import type { FormField, Path } from "./model/form.js";
import type { FormController } from "./use-form.js";

/** What the control of a field gets. */
export interface ControlProps {
  readonly field: FormField;
  /** Path of the value in the answers. */
  readonly path: Path;
  readonly form: FormController;
  readonly value: unknown;
  /** Undefined: there is no answer. */
  readonly onChange: (value: unknown) => void;
  readonly onBlur: () => void;
  readonly isInvalid: boolean;
  readonly isRequired: boolean;
  /** For the element that gets the focus: its ID, and what assistive technology says about it. Its label is a `label` with this ID. */
  readonly inputProps: {
    readonly id: string;
    readonly "aria-required": boolean;
    readonly "aria-invalid": boolean;
    readonly "aria-describedby": string | undefined;
  };
  /** ID of the label, for elements that a `label` cannot name. */
  readonly labelId: string;
}

export interface FieldFrameProps {
  readonly field: FormField;
  readonly label: string;
  readonly labelId: string;
  /** ID of the control, for `htmlFor`. Null: the control is a group, which the frame must name with a `legend`, and describe. */
  readonly inputId: string | null;
  readonly groupProps: ControlProps["inputProps"];
  readonly isRequired: boolean;
  readonly help: ReactNode;
  readonly helpId: string;
  readonly problem: ReactNode;
  readonly problemId: string;
  /** The control. */
  readonly children: ReactNode;
}
