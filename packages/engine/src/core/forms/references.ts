import type { Json, JsonObject } from "../model/json.js";
import { isObject } from "../model/values.js";
import type { AnswerReference, Form } from "../model/form.js";

export function referencesIn(form: Form, input: JsonObject): readonly AnswerReference[] {
  return form.fields.flatMap(({ name, references }) =>
    references.flatMap(({ column, ...found }) => {
      const value = input[name];
      const path = `input.${name}`;
      if (column === null) return idsIn(value, path).map((one) => ({ ...one, ...found }));
      const rows: readonly Json[] = Array.isArray(value) ? value : [];
      return rows.flatMap((row, index) =>
        (isObject(row) ? idsIn(row[column], `${path}[${index}].${column}`) : []).map((one) => ({ ...one, ...found })),
      );
    }),
  );
}

function idsIn(value: unknown, path: string): { path: string; id: string }[] {
  if (typeof value === "string") return [{ path, id: value }];
  return Array.isArray(value)
    ? value.flatMap((one: unknown, index) => (typeof one === "string" ? [{ path: `${path}[${index}]`, id: one }] : []))
    : [];
}
