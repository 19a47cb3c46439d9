import type MarkdownIt from "markdown-it";

/**
 * Pages are not templates: `{{ … }}` in their text and code is shown as it is. Other delimiters for all of Vue are no solution, because the components
 * of the theme are templates, too.
 */
export function literalBraces(md: MarkdownIt): void {
  const { rules } = md.renderer;
  for (const kind of ["text", "code_inline"] as const) {
    const render = rules[kind];
    if (render === undefined) throw new Error(`markdown-it renders no ${kind}.`);
    rules[kind] = (...token) => render(...token).replaceAll("{{", "&#123;&#123;");
  }
}
