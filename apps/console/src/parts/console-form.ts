import type { FormDescription } from "@weft/react";

interface ConsoleField {
  readonly label: string;
  /** A type of field of forms: `text`, `number`, `date`, `file`. */
  readonly type: string;
  readonly schema: object;
  readonly help?: string;
  readonly isMultiline?: boolean;
}

interface ConsoleForm {
  readonly title: string;
  readonly fields: Readonly<Record<string, ConsoleField>>;
  readonly required: readonly string[];
  /** Initial values. */
  readonly data: object;
}

/** Returns a form of the console in the shape in which Weft sends forms, so that it looks and behaves as they do. */
export function formOf({ title, fields, required, data }: ConsoleForm): FormDescription {
  const entries = Object.entries(fields);
  const properties: Record<string, object> = {};
  for (const [name, { schema, label, help }] of entries) properties[name] = { ...schema, title: label, ...(help && { description: help }) };
  return {
    name: "console",
    title,
    description: null,
    schema: { type: "object", properties, required },
    uiSchema: {
      type: "VerticalLayout",
      elements: entries.map(([name, { label, type, isMultiline }]) => ({
        type: "Control",
        label,
        scope: `#/properties/${name}`,
        options: { fieldType: type, ...(isMultiline && { multi: true }) },
      })),
    },
    data,
  };
}
