import type { Target } from "../targets.js";

/** The value of a cell, or why it has none. */
export type Converted = { readonly value: unknown } | { readonly problem: string };

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Returns a text as a value of a field of an input. The input's type then checks it. */
export function convertValue(text: string, { typeName, isList }: Extract<Target, { kind: "value" }>): Converted {
  if (typeName === "JSON") return parseJson(text);
  return { value: isList ? listOf(text).map((item) => scalarOf(item, typeName)) : scalarOf(text, typeName) };
}

/** Returns a text as a value of a property with a JSON Schema. The schema is checked later. */
export function convertProperty(text: string, schema: unknown): Converted {
  const types = typesIn(schema);
  const trimmed = text.trim();
  if (types.includes("object") || (types.includes("array") && trimmed.startsWith("["))) return parseJson(text);
  if (types.includes("array")) return { value: listOf(text) };
  if ((types.includes("number") || types.includes("integer")) && number.test(trimmed)) return { value: Number(trimmed) };
  return { value: types.includes("boolean") ? truthOf(trimmed) : text };
}

function scalarOf(text: string, typeName: string): unknown {
  const trimmed = text.trim();
  if (typeName === "Int" || typeName === "Float") return number.test(trimmed) ? Number(trimmed) : text;
  if (typeName === "Boolean") return truthOf(trimmed);
  return typeName === "String" ? text : trimmed;
}

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** Spreadsheets write TRUE and FALSE. */
function truthOf(text: string): unknown {
  const lower = text.toLowerCase();
  return lower === "true" || (lower === "false" ? false : text);
}

function typesIn(schema: unknown): readonly unknown[] {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return [];
  const { type } = schema as { readonly type?: unknown };
  return Array.isArray(type) ? type : [type];
}

/** Problems do not quote the text, nor the parser's message, which does: it can contain values of encrypted custom fields, and problems are stored. */
function parseJson(text: string): Converted {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const [, position] = /at position (\d+)/.exec(String(error)) ?? [];
    return { problem: `The cell is not valid JSON${position === undefined ? "" : `: see its character ${Number(position) + 1}`}.` };
  }
}
