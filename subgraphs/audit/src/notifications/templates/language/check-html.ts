import { Parser } from "htmlparser2";

/** Elements that a mail does not need, and that could run or send something. */
const refusedElements = new Set(
  "script iframe frame object embed applet form input button select textarea base svg math audio video template portal".split(" "),
);

/** Attributes whose value is text that a person sees or hears. */
const textAttributes = new Set(["alt", "title", "aria-label"]);

const placeholder = /\{\{|\{%/;
const onePlaceholder = /^\{\{-?\s*([\w.]+)\s*-?\}\}$/;
const fixedLink = /^(?:https?:\/\/|mailto:|tel:|#)/i;

/**
 * Checks the HTML of a template, in which placeholders are not replaced yet. Values can appear in text, in texts of attributes, and as the whole
 * address of a link if they are addresses of Weft. Escaping protects them there, and nowhere else.
 * @param isUrl whether a variable is an address that Weft made
 * @returns sentences; empty if there is no problem
 */
export function problemsOfHtml(html: string, isUrl: (path: string) => boolean): string[] {
  const problems = new Set<string>();
  let style = 0;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name.startsWith("mj-")) problems.add(`<${name}> is not an element of MJML, or not allowed in its place.`);
      if (refusedElements.has(name)) problems.add(`<${name}> is not allowed in a mail.`);
      if (name === "meta" && "http-equiv" in attributes && attributes["http-equiv"]?.toLowerCase() === "refresh")
        problems.add("<meta http-equiv=refresh> is not allowed in a mail.");
      if (name === "link") problems.add("<link> is not allowed in a mail: readers' programs would load other files.");
      if (name === "style") style += 1;
      if (placeholder.test(name)) problems.add("A placeholder cannot be the name of an element.");
      for (const [attribute, value] of Object.entries(attributes)) {
        const problem = problemOfAttribute(attribute, value, isUrl);
        if (problem !== null) problems.add(`<${name}>: ${problem}`);
      }
    },
    onclosetag: (name) => {
      if (name === "style") style -= 1;
    },
    ontext: (text) => {
      if (style > 0 && placeholder.test(text)) problems.add("Placeholders are not allowed in styles.");
      if (style > 0 && /@import|url\s*\(/i.test(text)) problems.add("Styles cannot load other files.");
    },
    oncomment: (text) => {
      if (placeholder.test(text)) problems.add("Placeholders are not allowed in comments, also not in those for Outlook.");
    },
  });
  parser.end(html);
  return [...problems];
}

function problemOfAttribute(name: string, value: string, isUrl: (path: string) => boolean): string | null {
  if (placeholder.test(name)) return "A placeholder cannot be the name of an attribute.";
  if (name.startsWith("on")) return `the attribute ${name} is not allowed.`;
  const hasPlaceholder = placeholder.test(value);
  if (name === "href") {
    const path = onePlaceholder.exec(value.trim())?.[1];
    if (path !== undefined) return isUrl(path) ? null : `${path} is not an address, so href cannot be {{ ${path} }}.`;
    if (hasPlaceholder) return "href must be one placeholder, such as {{ url }}, or an address without placeholders.";
    return value === "" || fixedLink.test(value.trim()) ? null : "href must begin with https://, http://, mailto:, tel: or #.";
  }
  if (hasPlaceholder) return textAttributes.has(name) ? null : `placeholders are not allowed in the attribute ${name}.`;
  if (name === "src" || name === "background" || name === "srcset")
    return /^https:\/\//i.test(value.trim()) ? null : `${name} must begin with https://.`;
  if (name === "style" && /expression\s*\(|javascript:|@import|behavior\s*:/i.test(value)) return "this style is not allowed.";
  return null;
}
