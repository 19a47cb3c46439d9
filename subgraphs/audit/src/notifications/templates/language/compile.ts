import { ParseError, TokenizationError } from "liquidjs";
import { problemsOfHtml } from "./check-html.js";
import { htmlEngine, textEngine } from "./engine.js";
import { mjmlToHtml, type Place } from "./mjml.js";
import type { Variable } from "./variables.js";

export const MAX_SUBJECT = 500;
export const MAX_BODY_BYTES = 100_000;

/** The source of a template. */
export interface TemplateSource {
  /** Liquid. It becomes one line. */
  readonly subject: string;
  /** MJML with Liquid. */
  readonly body: string;
  /** Liquid. Null: the text is made from the body. */
  readonly text: string | null;
}

export type TemplatePart = keyof TemplateSource;

/** A template that can be rendered. It is stored with its source. */
export interface CompiledTemplate {
  readonly subject: string;
  /** HTML with Liquid. */
  readonly html: string;
  readonly text: string | null;
}

/** What is wrong with a template, and where. */
export interface TemplateProblem {
  readonly part: TemplatePart;
  readonly message: string;
  readonly place: Place | null;
}

export type Compiled = { readonly template: CompiledTemplate } | { readonly problems: readonly TemplateProblem[] };

/** Compiles a template, or returns every problem that was found. */
export async function compileTemplate(source: TemplateSource, variables: Readonly<Record<string, Variable>>): Promise<Compiled> {
  const problems: TemplateProblem[] = [];
  const { subject, body, text } = source;
  if (subject.trim() === "" || subject.length > MAX_SUBJECT)
    problems.push({ part: "subject", message: `A subject has 1 to ${MAX_SUBJECT} characters.`, place: null });
  for (const part of ["body", "text"] as const)
    if (Buffer.byteLength(source[part] ?? "") > MAX_BODY_BYTES)
      problems.push({ part, message: `At most ${MAX_BODY_BYTES} bytes are allowed.`, place: null });
  if (problems.length > 0) return { problems };
  for (const part of ["subject", "body", "text"] as const)
    for (const problem of problemsOfLiquid(source[part] ?? "", variables)) problems.push({ part, ...problem });
  const converted = await mjmlToHtml(body);
  if ("problem" in converted) return { problems: [...problems, { part: "body", message: converted.problem, place: converted.place }] };
  const isUrl = (path: string): boolean => Object.hasOwn(variables, path) && variables[path]?.type === "URL";
  for (const message of problemsOfHtml(converted.html, isUrl)) problems.push({ part: "body", message, place: null });
  if (problems.length > 0) return { problems };
  try {
    htmlEngine.parse(converted.html);
  } catch (error) {
    return {
      problems: [{ part: "body", message: `Liquid cannot be read after the conversion of the MJML: ${sentence(error)}`, place: null }],
    };
  }
  return { template: { subject, html: converted.html, text } };
}

interface Found {
  readonly message: string;
  readonly place: Place | null;
}

/** Finds errors of the syntax, and variables that do not exist. */
function problemsOfLiquid(source: string, variables: Readonly<Record<string, Variable>>): Found[] {
  try {
    const { globals } = textEngine.analyzeSync(textEngine.parse(source), { partials: false });
    return Object.values(globals)
      .flat()
      .flatMap(({ segments, location }): Found[] => {
        const path = segments.map((segment) => (typeof segment === "object" ? "?" : String(segment))).join(".");
        if (isKnown(path, variables)) return [];
        return [{ message: `There is no variable ${path}.`, place: { line: location.row, column: location.col } }];
      });
  } catch (error) {
    if (!(error instanceof ParseError || error instanceof TokenizationError)) throw error;
    const [line = 1, column = 1] = error.token.getPosition();
    return [{ message: sentence(error), place: { line, column } }];
  }
}

/** A variable, or an object that contains variables, such as `params` of a loop or a condition. */
const isKnown = (path: string, variables: Readonly<Record<string, Variable>>): boolean =>
  Object.hasOwn(variables, path) || Object.keys(variables).some((each) => each.startsWith(`${path}.`));

/** The first line of an error, without the place. */
function sentence(error: unknown): string {
  const message = (error as Error).message.split("\n")[0]?.replace(/, (?:file:\S*, )?line:\d+, col:\d+$/, "") ?? "";
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
