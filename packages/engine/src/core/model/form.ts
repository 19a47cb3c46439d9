/** A compiled form: the fields that users fill in. docs/reference/forms.md describes the format. */
import type { Condition } from "./condition.js";
import type { Json, JsonObject } from "./json.js";
import type { InputProblem } from "./rejection.js";
import type { CompiledSchema } from "./schema.js";

export const FIELD_TYPES = [
  "text",
  "number",
  "money",
  "date",
  "boolean",
  "choice",
  "multiChoice",
  "user",
  "asset",
  "file",
  "table",
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export type Form = {
  /** Its key in `forms`, or the place of a form that is defined where it is used (`review.approve`, `credit`). */
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly fields: readonly FormField[];
  readonly checks: readonly FormCheck[];
  /** JSON Schema of the input without the effects of conditions: a field that can be hidden, or is required by a condition, is optional here. */
  readonly schema: CompiledSchema;
};

export type FormField = {
  readonly name: string;
  readonly type: FieldType;
  readonly label: string;
  /** As clients get it: the part of the form's schema for the field, with title, description and the labels of choices. */
  readonly schema: JsonObject;
  /** For clients that render the field: its type, and information that JSON Schema does not contain. */
  readonly hints: JsonObject;
  /** false: never; a condition: while it holds. */
  readonly required: boolean | Condition;
  readonly visible: true | Condition;
  readonly default: Json | undefined;
  /** An initial value, read when the form is delivered. Takes precedence over `default`. */
  readonly defaultFrom: readonly string[] | null;
  /** Has the name of a property of the data, takes its initial value from it, and is written back to it. */
  readonly isOfData: boolean;
  readonly references: readonly FieldReference[];
};

export type ReferenceType = "user" | "asset" | "file";

/** Restricts the files that a field accepts. */
export type FileRule = {
  /** Content types; empty: all. */
  readonly accept: readonly string[];
  readonly maxBytes: number | null;
};

/** Where a field has IDs of other objects: in the value itself, or in a column of a table. `file`: only of a field with files. */
export type FieldReference = { readonly column: string | null; readonly type: ReferenceType; readonly file?: FileRule };

/** A condition on several answers that must not be false. `field` is where the problem is reported; null: on the input as a whole. */
export type FormCheck = { readonly holds: Condition; readonly message: string; readonly field: string | null };

export const MAX_FORMS = 100;
export const MAX_FIELDS = 100;
export const MAX_COLUMNS = 20;
export const MAX_OPTIONS = 200;
export const MAX_CHECKS = 20;
/** Maximum number of users, assets or files in one field. */
export const MAX_MANY = 50;
export const MAX_ROWS = 500;
/** A terabyte: the largest limit that a form can set, not a limit of what is stored. */
export const MAX_FILE_BYTES = 1e12;
/** Maximum number of parts of the schemas that the conditions of one form become for clients. Anything beyond is left to the server. */
export const MAX_CONDITION_PARTS = 2000;

/** An ID in the answers, at its path. Only the store can check whether the user, asset or file exists. */
export type AnswerReference = {
  readonly path: InputProblem["path"];
  readonly type: ReferenceType;
  readonly id: string;
  readonly file?: FileRule;
};
