import { formOfProperties } from "../forms/data-form.js";
import type { DeliveredForm } from "../forms/deliver.js";
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
  const form = formOfProperties(schema, { asked, required, fieldOf: () => null, isOpen: false });
  const { title, description } = schema.source;
  return {
    name,
    title: typeof title === "string" ? title : null,
    description: typeof description === "string" ? description : null,
    schema: { $schema: "http://json-schema.org/draft-07/schema#", ...form.schema },
    uiSchema: {
      type: "VerticalLayout",
      elements: form.controls.map(({ name: field, ...control }) => ({ type: "Control", ...control, scope: `#/properties/${field}` })),
    },
    data: values === null ? form.data : Object.fromEntries(Object.entries(values).filter(([field]) => asked.includes(field))),
  };
}
