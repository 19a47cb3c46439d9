import type { CompiledTemplate } from "./compile.js";
import { htmlEngine, textEngine } from "./engine.js";

/** Values by the paths of variables, such as `recipient.name`. Missing ones are shown as nothing. */
export type TemplateValues = Readonly<Record<string, string>>;

export interface RenderedMail {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Control characters, separators of lines, and characters that change the direction of the text after them. */
const notInLine = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** Characters that are in no text, except line breaks and tabs. */
const notInText = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Renders a mail. Values never become markup or further lines of the subject.
 * @throws Error if the template takes too long or writes too much
 */
export async function renderTemplate({ subject, html, text }: CompiledTemplate, values: TemplateValues): Promise<RenderedMail> {
  const scope = nested(values);
  const [subjectText, htmlText] = await Promise.all([
    textEngine.parseAndRender(subject, scope) as Promise<string>,
    htmlEngine.parseAndRender(html, scope) as Promise<string>,
  ]);
  const plain = text === null ? await textOf(htmlText) : ((await textEngine.parseAndRender(text, scope)) as string);
  return {
    subject: subjectText.replace(notInLine, " ").replaceAll(/ {2,}/g, " ").trim().slice(0, 500),
    html: htmlText,
    text: plain.replaceAll(/\r\n?/g, "\n").replace(notInText, "").trim(),
  };
}

/** Returns the values as objects: `recipient.name` becomes `{ recipient: { name } }`. */
function nested(values: TemplateValues): Record<string, unknown> {
  const scope: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    const [first = "", second] = path.split(".");
    if (second === undefined) scope[first] = value;
    else scope[first] = { ...(scope[first] as Record<string, unknown> | undefined), [second]: value };
  }
  return scope;
}

async function textOf(html: string): Promise<string> {
  const { convert } = await import("html-to-text");
  return convert(html, {
    wordwrap: false,
    selectors: [
      { selector: "a", options: { hideLinkHrefIfSameAsText: true, linkBrackets: false } },
      { selector: "img", format: "skip" },
    ],
  });
}
