import { formFields, type FormDescription } from "../forms/model/form.js";

/** A transition of the current state, as it applies to the user now. */
export interface AvailableTransition {
  readonly name: string;
  readonly title: string;
  readonly to: string;
  readonly toTitle: string;
  readonly allowed: boolean;
  /** Why it is not allowed, as sentences. */
  readonly reasons: readonly string[];
  readonly requiresComment: boolean;
  readonly form: FormDescription | null;
}

/** What components read of a transition. */
export const transitionFields = `name title to toTitle allowed reasons requiresComment form { ${formFields} }`;
