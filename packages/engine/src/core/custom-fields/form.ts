import type { DeliveredForm } from "../forms/deliver.js";
import { formOfSchema } from "../forms/schema-form.js";
import type { JsonObject } from "../model/json.js";
import type { FieldSchema } from "./compile.js";

type Shown = {
  readonly name: string;
  /** Values of the object to change; null: of a new object. */
  readonly values: JsonObject | null;
  /** Names of the fields to show; null: all. */
  readonly only: ReadonlySet<string> | null;
};

/** Returns the form of the input `fields` of an object. */
export function fieldsForm(schema: FieldSchema, { name, values, only }: Shown): DeliveredForm {
  const isShown = (field: string): boolean => only === null || only.has(field);
  const asked = [...schema.root.properties.keys()].filter(isShown);
  const required = schema.root.required.filter((field) => isShown(field) && !schema.root.properties.get(field)?.default);
  const { title } = schema.source;
  const form = formOfSchema(schema, { name, title: typeof title === "string" ? title : null, asked, required, isOpen: false });
  return values === null ? form : { ...form, data: Object.fromEntries(Object.entries(values).filter(([field]) => asked.includes(field))) };
}
