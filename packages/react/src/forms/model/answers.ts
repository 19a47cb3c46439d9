/** Answers of a form: reading and writing them by path, and what of them is sent. */
import { fits } from "./conditions.js";
import { objectOf, type Answers, type FormField, type FormModel, type Path } from "./form.js";

/** Identifies a place in the answers, for maps and IDs. */
export const placeOf = (path: Path): string => path.join("/");

export function valueAt(answers: unknown, path: Path): unknown {
  let value = answers;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Returns answers with another value at the path. */
export function withValue(answers: Answers, path: Path, value: unknown): Answers {
  return put(answers, path, value) as Answers;
}

function put(into: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list: unknown[] = Array.isArray(into) ? [...(into as unknown[])] : [];
    list[step] = put(list[step], rest, value);
    return list;
  }
  return { ...objectOf(into), [step]: put(objectOf(into)[step], rest, value) };
}

/** Whether a value is no answer: an empty text or list does not count as one. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** The fields that are shown with these answers. */
export function shownFields({ fields }: FormModel, answers: Answers): readonly FormField[] {
  const known = withoutEmpty(fields, answers);
  return fields.filter(({ shownIf }) => shownIf === null || fits(shownIf, known));
}

/** What to send: the answers to fields that are shown. Other members of the initial values, such as the key of a request type, stay. */
export function answersOf(model: FormModel, answers: Answers): Answers {
  const shown = new Set(shownFields(model, answers));
  let sent = withoutEmpty(model.fields, answers);
  for (const field of model.fields) if (!shown.has(field)) sent = without(sent, field.path);
  return sent;
}

/** The answers without empty ones, on which conditions depend. */
export function withoutEmpty(fields: readonly FormField[], answers: Answers): Answers {
  let kept = answers;
  for (const field of fields) {
    const value = valueAt(answers, field.path);
    const filled = filledOf(field, value);
    if (filled === undefined) kept = without(kept, field.path);
    else if (filled !== value) kept = withValue(kept, field.path, filled);
  }
  return kept;
}

function filledOf(field: FormField, value: unknown): unknown {
  // The text of a control that is not a number is no answer yet.
  if (isEmpty(value) || Number.isNaN(value)) return undefined;
  if (field.type === "table") return (value as readonly Answers[]).map((row) => withoutEmpty(field.columns, objectOf(row)));
  // A currency without an amount is what the control begins with.
  if (field.type === "money" && field.currencies.length > 1 && isEmpty(objectOf(value)["amount"])) return undefined;
  return value;
}

function without(answers: Answers, path: readonly string[]): Answers {
  const [name = "", ...rest] = path;
  if (!(name in answers)) return answers;
  if (rest.length > 0) return { ...answers, [name]: without(objectOf(answers[name]), rest) };
  const { [name]: _, ...others } = answers;
  return others;
}

/** The answers with which a form begins. */
export function initialAnswers(model: FormModel): Answers {
  let { initial } = model;
  const always = new Set((model.schema["required"] as readonly string[] | undefined) ?? []);
  for (const { type, path, name } of model.fields) {
    // A box that nobody has checked says no. If the answer may be omitted, it is one only after the user has touched the box.
    if (type === "boolean" && path.length === 1 && always.has(name) && valueAt(initial, path) === undefined)
      initial = withValue(initial, path, false);
  }
  return initial;
}

/** A new row of a table. */
export const newRow = ({ columns }: FormField): Answers =>
  Object.fromEntries(
    columns.flatMap(({ name, schema, type, isRequired }): [string, unknown][] => {
      const value = schema["default"] ?? (type === "boolean" && isRequired ? false : undefined);
      return value === undefined ? [] : [[name, value]];
    }),
  );
