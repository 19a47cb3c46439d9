import { renderMermaidSVG } from "beautiful-mermaid";
import type MarkdownIt from "markdown-it";

/** Pixels. Up to this width, a diagram shrinks to the width of the text and stays readable. Wider ones scroll. */
const maxShrunkWidth = 900;

/**
 * Draws the `mermaid` blocks of a page when the site is built, so that the browser loads no diagram library. The colors are variables of the
 * page: a diagram follows the light and the dark theme. The style that the library writes into each picture (with fonts of another host) is in
 * `theme/diagrams.css` once.
 */
export function diagrams(md: MarkdownIt): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index];
    if (token === undefined || fence === undefined) return "";
    if (token.info.trim() !== "mermaid") return fence(tokens, index, options, env, self);
    const svg = renderMermaidSVG(supportedSyntax(token.content), { transparent: true })
      .replace(/<style>[^]*?<\/style>/, "")
      // The arrowhead at the start of a line is already drawn backwards: turned around once more, it would be hidden by the box.
      .replace('orient="auto-start-reverse"', 'orient="auto"');
    const width = Number(/ width="([\d.]+)/.exec(svg)?.[1]);
    return `<figure class="diagram${width > maxShrunkWidth ? " wide" : ""}" v-pre>${svg}</figure>\n`;
  };
}

/** In diagrams of entities, the library shows quotation marks around a name, and ignores all but the last of several keys of an attribute. */
function supportedSyntax(text: string): string {
  if (!text.trimStart().startsWith("erDiagram")) return text;
  return text.replaceAll(/"([\w.]+)"/g, "$1").replaceAll("PK, FK", "PK FK");
}
