/** A compiled form: what people fill in, by fields. docs/forms.md describes the format. */
import type { Condition } from "../conditions/tree.js";
import type { Json, JsonObject } from "../json.js";
import type { CompiledSchema } from "../schema/types.js";

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
  /** Its key in `forms`, or the place of a form that is written where it is asked for (`review.approve`, `credit`). */
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly fields: readonly FormField[];
  readonly checks: readonly FormCheck[];
  /** JSON Schema of the input without what conditions decide: a field that may be hidden, or is required by a condition, is optional here. */
  readonly schema: CompiledSchema;
};

export type FormField = {
  readonly name: string;
  readonly type: FieldType;
  readonly label: string;
  /** As clients get it: the field's part of the form's schema, with title, description and the labels of choices. */
  readonly schema: JsonObject;
  /** For whoever draws the field: its type and what JSON Schema does not say of it. */
  readonly hints: JsonObject;
  /** false: never; a condition: while it holds. */
  readonly required: boolean | Condition;
  readonly visible: true | Condition;
  readonly default: Json | undefined;
  /** A value to begin with, read when the form is delivered; before `default`. */
  readonly defaultFrom: readonly string[] | null;
  /** Named like a property of the data, begins with what stands there, and is written back to it. */
  readonly isOfData: boolean;
  /** Where ids of other objects stand: in the value itself, or in a column of a table. */
  readonly references: readonly { readonly column: string | null; readonly type: ReferenceType }[];
};

export type ReferenceType = "user" | "asset";

/** What must not be false of the answers together. `field` is blamed; null: the input as a whole. */
export type FormCheck = { readonly holds: Condition; readonly message: string; readonly field: string | null };

export const MAX_FORMS = 100;
export const MAX_FIELDS = 100;
export const MAX_COLUMNS = 20;
export const MAX_OPTIONS = 200;
export const MAX_CHECKS = 20;
/** Users, assets or files in one field. */
export const MAX_MANY = 50;
export const MAX_ROWS = 500;
/** A terabyte: what a form may ask for at most, not what anybody keeps. */
export const MAX_FILE_BYTES = 1e12;
/** Parts of the schemas that the conditions of one form become for clients; what goes beyond is left to the server. */
export const MAX_CONDITION_PARTS = 2000;
