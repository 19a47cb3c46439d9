/** Titles that contain values: `Triage: {{ data.summary }}`. Paths only, no expressions; the result is one line of plain text. */
import { lookUp, type Context } from "../conditions/context.js";
import type { Template, TemplatePath } from "../model/machine.js";
import { isForbiddenKey, quote } from "../model/problems.js";

export const MAX_TEMPLATE_CHARS = 500;
export const MAX_RENDERED_CHARS = 200;

const PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*){0,15}$/;

/** Reads a template. Problems are sentences. The caller, which knows the data schema, checks whether the paths exist. */
export function parseTemplate(source: string): { template: Template; problems: string[] } {
  const problems: string[] = [];
  const parts: (string | TemplatePath)[] = [];
  if (source.length > MAX_TEMPLATE_CHARS) {
    problems.push(`The template has ${source.length} characters; the maximum is ${MAX_TEMPLATE_CHARS}.`);
    return { template: { source: "", parts }, problems };
  }
  let rest = source;
  while (rest !== "") {
    const open = rest.indexOf("{{");
    if (open < 0) {
      parts.push(rest);
      break;
    }
    if (open > 0) parts.push(rest.slice(0, open));
    const close = rest.indexOf("}}", open);
    if (close < 0) {
      problems.push(`A "{{" is not closed by "}}".`);
      break;
    }
    const text = rest.slice(open + 2, close).trim();
    const path = text.split(".");
    if (!PATH.test(text) || path.some(isForbiddenKey)) {
      problems.push(`${quote(text)} is not a path. Templates can contain only paths, for example {{ data.summary }}.`);
    } else {
      parts.push({ path });
    }
    rest = rest.slice(close + 2);
  }
  return { template: { source, parts }, problems };
}

/**
 * Renders a template. Absent values and objects become empty text; the result is one line of at most 200 characters (or `maxChars`) without control
 * characters.
 */
export function renderTemplate(template: Template, context: Context, maxChars = MAX_RENDERED_CHARS): string {
  const text = template.parts.map((part) => (typeof part === "string" ? part : plainText(lookUp(context, part.path), maxChars))).join("");
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, " ").trim();
  const chars = Array.from(line);
  return chars.length <= maxChars ? line : `${chars.slice(0, maxChars - 1).join("")}…`;
}

function plainText(value: unknown, maxChars: number): string {
  // Truncated before joining: the data can contain a megabyte, the title 200 characters.
  if (typeof value === "string") return value.slice(0, maxChars * 2);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value))
    return value
      .slice(0, 20)
      .map((item) => (Array.isArray(item) ? "" : plainText(item, maxChars)))
      .join(", ");
  return "";
}
