/** What is wrong with answers: what the schema says, and what the server says. */
import { BadUserInputError, type WeftError } from "@weft/client";
import type { FormTexts } from "../../texts/texts.js";
import { isEmpty, placeOf, shownFields, valueAt, withoutEmpty } from "./answers.js";
import { faultsOf, isRequired } from "./conditions.js";
import { objectOf, type Answers, type FormField, type FormModel, type JsonSchema, type Path } from "./form.js";

export interface FormProblem {
  /** Path in the answers. */
  readonly path: Path;
  readonly message: string;
}

/** Returns everything that a client can know to be wrong. The server checks again, and more. */
export function problemsOf(model: FormModel, answers: Answers, texts: FormTexts): FormProblem[] {
  const known = withoutEmpty(model.fields, answers);
  return shownFields(model, answers).flatMap((field) =>
    fieldProblems(field, {
      value: valueAt(answers, field.path),
      path: field.path,
      isNeeded: isRequired(model, field, known),
      texts,
    }),
  );
}

interface Checked {
  readonly value: unknown;
  readonly path: Path;
  readonly isNeeded: boolean;
  readonly texts: FormTexts;
}

function fieldProblems(field: FormField, { value, path, isNeeded, texts }: Checked): FormProblem[] {
  const at = (message: string, where: Path = path): FormProblem => ({ path: where, message });
  const hasParts = field.type === "money" && field.currencies.length > 1;
  if (isEmpty(value)) return isNeeded ? [at(texts.required, hasParts ? [...path, "amount"] : path)] : [];
  if (field.type === "table") return tableProblems(field, value as readonly Answers[], { path, texts });
  if (hasParts) {
    const { amount, currency } = objectOf(value);
    const ofAmount = [...path, "amount"];
    if (isEmpty(amount)) return isNeeded ? [at(texts.required, ofAmount)] : [];
    const schema = objectOf(objectOf(field.schema["properties"])["amount"]);
    const wrong = amountProblem(field, schema, amount, texts).map((text) => at(text, ofAmount));
    return [...wrong, ...(isEmpty(currency) ? [at(texts.required, [...path, "currency"])] : [])];
  }
  if (field.type === "money" || field.type === "number") return amountProblem(field, field.schema, value, texts).map((text) => at(text));
  const wrong = message(field.schema, value, texts);
  return wrong === null ? [] : [at(wrong)];
}

function tableProblems(field: FormField, rows: readonly Answers[], { path, texts }: Pick<Checked, "path" | "texts">): FormProblem[] {
  const own = message({ ...field.schema, items: {} }, rows, texts);
  const ofRows = rows.flatMap((row, index) =>
    field.columns.flatMap((column) =>
      fieldProblems(column, {
        value: objectOf(row)[column.name],
        path: [...path, index, column.name],
        isNeeded: column.isRequired,
        texts,
      }),
    ),
  );
  return [...(own === null ? [] : [{ path, message: own }]), ...ofRows];
}

function amountProblem({ decimals, step }: FormField, schema: JsonSchema, value: unknown, texts: FormTexts): string[] {
  // A control says so if its text is not a number.
  if (typeof value === "number" && Number.isNaN(value)) return [texts.notANumber];
  const wrong = message(schema, value, texts);
  if (wrong !== null) return [wrong];
  if (decimals !== null && !isMultiple(value, 10 ** -decimals)) return [texts.decimals(decimals)];
  return step !== null && !isMultiple(value, step) ? [texts.multipleOf(step)] : [];
}

/** With a tolerance, because 0.3 is not a multiple of 0.1 otherwise. */
function isMultiple(value: unknown, step: number): boolean {
  const count = Number(value) / step;
  return Math.abs(count - Math.round(count)) < 1e-6;
}

function message(schema: JsonSchema, value: unknown, texts: FormTexts): string | null {
  const faults = faultsOf(schema, value);
  const fault = faults.find(({ instanceLocation, keyword }) => instanceLocation === "#" && keyword !== "items") ?? faults[0];
  return fault ? texts.invalid(fault.keyword, objectOf(schema)[fault.keyword]) : null;
}

/** Splits a path as the server writes it: `input.input.securities[0].what`. */
export const pathOf = (text: string): Path => [...text.matchAll(/[^.[\]]+/g)].map(([part]) => (/^\d+$/.test(part) ? Number(part) : part));

/**
 * Returns the problems that the server has found, with their paths in the answers.
 *
 * @param prefix where the mutation takes the answers: `input.input`
 */
export function serverProblems(error: WeftError | null, prefix: string): FormProblem[] {
  if (!(error instanceof BadUserInputError)) return [];
  const start = pathOf(prefix);
  return error.problems.map(({ path: text, message: sentence }) => {
    const path = pathOf(text);
    const isOfForm = start.every((part, index) => path[index] === part);
    return { path: isOfForm ? path.slice(start.length) : path, message: sentence };
  });
}

/** The place where a problem is shown: that of a control, or of the field that contains it. Null: the form has none. */
export function controlOf(fields: readonly FormField[], path: Path): string | null {
  const field = fields.find((one) => one.path.every((part, index) => path[index] === part));
  if (!field) return null;
  const rest = path.slice(field.path.length);
  const isCell = field.type === "table" && rest.length >= 2;
  const isPart = field.type === "money" && field.currencies.length > 1 && rest.length >= 1;
  if (!isCell) return placeOf([...field.path, ...(isPart ? rest.slice(0, 1) : [])]);
  const [row = 0, column = ""] = rest;
  const inColumn = controlOf(field.columns, rest.slice(1));
  return inColumn === null ? placeOf([...field.path, row, column]) : placeOf([...field.path, row, inColumn]);
}
