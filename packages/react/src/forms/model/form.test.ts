import { BadUserInputError } from "@weft/client";
import { describe, expect, test } from "vitest";
import { englishTexts } from "../../texts/texts.js";
import { answersOf, initialAnswers, newRow, shownFields, withValue } from "./answers.js";
import { isRequired } from "./conditions.js";
import { readForm, type Answers, type FormDescription } from "./form.js";
import { controlOf, pathOf, problemsOf, serverProblems } from "./problems.js";

const control = (name: string, options: object, rule?: object): object => ({
  type: "Control",
  scope: `#/properties/${name}`,
  label: name,
  options,
  ...(rule && { rule: { effect: "SHOW", condition: { scope: "#", schema: rule, failWhenUndefined: true } } }),
});

/** A form as the server sends it. */
const credit: FormDescription = {
  name: "credit",
  title: "Credit check",
  description: null,
  schema: {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    required: ["score", "isUrgent"],
    properties: {
      score: { title: "Score", description: "As the agency reports it", type: "integer", minimum: 300, maximum: 850 },
      reason: { type: "string", maxLength: 10 },
      risk: {
        type: "string",
        oneOf: [
          { const: "a", title: "Low" },
          { const: "b", title: "High" },
        ],
      },
      tools: { type: "array", uniqueItems: true, maxItems: 1, items: { type: "string", enum: ["drill", "saw"] } },
      isUrgent: { type: "boolean" },
      cost: { type: "number", minimum: 0 },
      budget: {
        type: "object",
        required: ["amount", "currency"],
        properties: { amount: { type: "number", maximum: 100 }, currency: { type: "string", enum: ["EUR", "CHF"] } },
      },
      code: { type: "string", pattern: "(?i)^[a-z]+$" },
      photos: { type: "array", items: { type: "string", pattern: "^fil_" } },
      parts: {
        type: "array",
        minItems: 2,
        items: {
          type: "object",
          required: ["what"],
          properties: { what: { title: "What", type: "string" }, pieces: { title: "Pieces", type: "integer", default: 1 } },
        },
      },
    },
    allOf: [
      {
        if: { required: ["score"], properties: { score: { exclusiveMaximum: 600 } } },
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        then: { required: ["reason"], properties: { reason: { minLength: 1 } } },
      },
    ],
  },
  uiSchema: {
    type: "VerticalLayout",
    elements: [
      control("score", { fieldType: "number" }),
      control("reason", { fieldType: "text", multi: true }, { required: ["score"], properties: { score: { exclusiveMaximum: 600 } } }),
      control("risk", { fieldType: "choice" }),
      control("tools", { fieldType: "multiChoice" }),
      control("isUrgent", { fieldType: "boolean" }),
      control("cost", { fieldType: "money", currency: "EUR", decimals: 2 }),
      control("budget", { fieldType: "money", currencies: ["EUR", "CHF"], decimals: 0 }),
      control("code", { fieldType: "text" }),
      control("photos", { fieldType: "file", accept: ["image/png"], maxBytes: 10 }),
      control("parts", { fieldType: "table", columns: { what: { fieldType: "text" }, pieces: { fieldType: "number" } } }),
    ],
  },
  data: { risk: "a" },
};

const model = readForm(credit);
const names = (answers: Answers): string[] => shownFields(model, answers).map(({ name }) => name);
const problems = (answers: Answers): string[] =>
  problemsOf(model, { score: 700, isUrgent: false, ...answers }, englishTexts).map(({ path, message }) => `${path.join(".")}: ${message}`);
const fieldOf = (name: string) => model.fields.find((field) => field.name === name) ?? expect.fail(name);

describe("the model of a form", () => {
  test("has the type, the help, the choices and the columns of each field", () => {
    expect(model.fields.map(({ type }) => type)).toEqual([
      "number",
      "text",
      "choice",
      "multiChoice",
      "boolean",
      "money",
      "money",
      "text",
      "file",
      "table",
    ]);
    expect(fieldOf("score")).toMatchObject({ help: "As the agency reports it", path: ["score"] });
    expect(fieldOf("risk").options).toEqual([
      { value: "a", label: "Low" },
      { value: "b", label: "High" },
    ]);
    expect(fieldOf("photos")).toMatchObject({ isMany: true, accept: ["image/png"], maxBytes: 10 });
    expect(fieldOf("parts").columns.map(({ name, type, isRequired: needed }) => [name, type, needed])).toEqual([
      ["what", "text", true],
      ["pieces", "number", false],
    ]);
  });

  test("of a new request finds fields below other properties, whose names can have slashes", () => {
    const request = readForm({
      ...credit,
      schema: {
        type: "object",
        required: ["typeKey", "data"],
        properties: {
          typeKey: { const: "m" },
          data: { type: "object", required: ["a/b"], properties: { "a/b": { type: "string", title: "Summary" } } },
          buildingId: { type: "string" },
        },
      },
      uiSchema: {
        elements: [
          { type: "Control", scope: "#/properties/data/properties/a~1b", label: "Summary", options: { fieldType: "text" } },
          { type: "Control", scope: "#/properties/buildingId", label: "Building", options: { fieldType: "building" } },
        ],
      },
      data: { typeKey: "m", data: {} },
    });
    const [summary, building] = request.fields;
    expect([summary?.path, building?.type]).toEqual([["data", "a/b"], "building"]);
    expect(summary && isRequired(request, summary, {})).toBe(true);
    const filled = withValue(initialAnswers(request), ["data", "a/b"], "Leak");
    expect(answersOf(request, filled)).toEqual({ typeKey: "m", data: { "a/b": "Leak" } });
  });

  test("without types follows the schema, as for the input of a transition", () => {
    const plain = readForm({
      ...credit,
      schema: {
        properties: {
          note: { type: ["string", "null"] },
          day: { type: "string", format: "date" },
          level: { enum: ["low", null] },
          any: { type: ["string", "number"] },
          rows: { type: "array", items: { type: "object", properties: { a: { type: "boolean" } } } },
        },
      },
      uiSchema: { elements: ["note", "day", "level", "any", "rows"].map((name) => control(name, {})) },
    });
    expect(plain.fields.map(({ type }) => type)).toEqual(["text", "date", "choice", "other", "table"]);
  });
});

describe("conditions", () => {
  test("show and require a field while other answers say so", () => {
    expect(names({ score: 700 })).not.toContain("reason");
    expect(names({ score: 500 })).toContain("reason");
    expect(isRequired(model, fieldOf("reason"), { score: 500 })).toBe(true);
    expect(isRequired(model, fieldOf("reason"), { score: 700 })).toBe(false);
    expect(problems({ score: 500 })).toEqual(["reason: Fill in this field."]);
  });

  test("the answer to a field that is hidden is kept, but not sent", () => {
    expect(answersOf(model, { score: 700, reason: "Rain" })).toEqual({ score: 700 });
    expect(answersOf(model, { score: 500, reason: "Rain" })).toEqual({ score: 500, reason: "Rain" });
  });
});

describe("answers", () => {
  test("begin with the initial values, and a required box that nobody has checked says no", () => {
    expect(initialAnswers(model)).toEqual({ risk: "a", isUrgent: false });
    expect(newRow(fieldOf("parts"))).toEqual({ pieces: 1 });
  });

  test("that are empty are not sent", () => {
    const empty = { score: 700, risk: "", tools: [], cost: undefined, budget: { currency: "EUR" }, parts: [{ what: "", pieces: 2 }] };
    expect(answersOf(model, empty)).toEqual({ score: 700, parts: [{ pieces: 2 }] });
  });

  test("are written by path without changing those before", () => {
    const before = { parts: [{ what: "a" }] };
    expect(withValue(before, ["parts", 1, "what"], "b")).toEqual({ parts: [{ what: "a" }, { what: "b" }] });
    expect(before).toEqual({ parts: [{ what: "a" }] });
  });
});

describe("problems", () => {
  test.each<[string, Answers, string[]]>([
    ["a number below its minimum", { score: 200 }, ["score: Enter a number of at least 300.", "reason: Fill in this field."]],
    ["a number that is not whole", { score: 700.5 }, ["score: Enter a whole number."]],
    ["a text that is not a number", { score: Number.NaN }, ["score: Enter a number."]],
    ["a text that is too long", { score: 500, reason: "01234567890" }, ["reason: Enter at most 10 characters."]],
    ["a choice that there is not", { risk: "c" }, ["risk: Choose one of the options."]],
    ["too many choices", { tools: ["drill", "saw"] }, ["tools: Add at most 1."]],
    ["cents of cents", { cost: 1.234 }, ["cost: Enter an amount with at most 2 decimals."]],
    ["cents that binary fractions miss", { cost: 0.29 }, []],
    ["an amount above its maximum", { budget: { amount: 101, currency: "EUR" } }, ["budget.amount: Enter a number of at most 100."]],
    ["an amount without a currency", { budget: { amount: 1 } }, ["budget.currency: Fill in this field."]],
    [
      "too few rows, and a cell that is empty",
      { parts: [{ pieces: 1.5 }] },
      ["parts: Add at least 2.", "parts.0.what: Fill in this field.", "parts.0.pieces: Enter a whole number."],
    ],
    ["a pattern that only the server can read", { code: "123" }, []],
  ])("%s", (_, answers, expected) => {
    expect(problems(answers)).toEqual(expected);
  });

  test("of the server belong to the control with their path, and those of no field to the form", () => {
    const error = new BadUserInputError({
      message: "No.",
      extensions: {
        code: "BAD_USER_INPUT",
        problems: [
          { path: "input.input.parts[1].what", message: "Unknown part." },
          { path: "input.input.photos[0]", message: "Not a photo." },
          { path: "input.input.budget.amount", message: "Too much." },
          { path: "input.comment", message: "Too long." },
        ],
      },
    });
    const found = serverProblems(error, "input.input");
    expect(found.map(({ path }) => controlOf(model.fields, path))).toEqual(["parts/1/what", "photos", "budget/amount", null]);
    expect(found.at(-1)).toEqual({ path: ["input", "comment"], message: "Too long." });
  });

  test("a path has names and indexes", () => {
    expect(pathOf("input.input.securities[0].what")).toEqual(["input", "input", "securities", 0, "what"]);
  });
});
