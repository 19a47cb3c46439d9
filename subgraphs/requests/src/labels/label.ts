import { encode } from "uqr";

/** Labels of 70 × 37 mm, in three columns and eight rows on a sheet of A4: a common size of self-adhesive labels. All lengths are in millimeters. */
const WIDTH = 70;
const HEIGHT = 37;
const COLUMNS = 3;
export const LABELS_PER_SHEET = 24;
const TOP = 0.5;

const MARGIN = 3;
const CODE = HEIGHT - 2 * MARGIN;
const TEXT = CODE + 2 * MARGIN;

/** Characters that fit into a line, by the width of capital letters, and the number of lines. */
const TITLE = { fontSize: 5, weight: 700, characters: 8, lines: 2 } as const;
const DETAIL = { fontSize: 3.6, weight: 400, characters: 11, lines: 4 } as const;

export interface Label {
  /** Content of the QR code. */
  readonly url: string;
  readonly title: string;
  readonly detail: string;
}

/** Returns a label as an SVG image: a QR code with a title and a detail. */
export const labelImage = (label: Label): string => svg(WIDTH, HEIGHT, label.title, drawing(label));

/** Returns sheets of A4 as SVG images, with the labels from left to right and from top to bottom. */
export function labelSheets(labels: readonly Label[]): string[] {
  const sheets = Array.from({ length: Math.ceil(labels.length / LABELS_PER_SHEET) }, (_, sheet) =>
    labels.slice(sheet * LABELS_PER_SHEET, (sheet + 1) * LABELS_PER_SHEET),
  );
  return sheets.map((sheet) => {
    const drawings = sheet.map((label, place) => {
      const [x, y] = [(place % COLUMNS) * WIDTH, TOP + Math.floor(place / COLUMNS) * HEIGHT];
      return `<g transform="translate(${x} ${y})">${drawing(label)}</g>`;
    });
    return svg(COLUMNS * WIDTH, 297, sheet.map(({ title }) => title).join(", "), drawings.join(""));
  });
}

const svg = (width: number, height: number, title: string, content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}"><title>${escaped(title)}</title>${content}</svg>`;

function drawing({ url, title, detail }: Label): string {
  const { data, size } = encode(url, { ecc: "M", border: 4 });
  const lines = [...linesOf(title, TITLE), ...linesOf(detail, DETAIL)];
  let y = MARGIN + 1;
  const texts = lines.map(({ text, fontSize, weight }) => {
    y += fontSize * 1.2;
    return `<text x="${TEXT}" y="${y.toFixed(2)}" font-family="sans-serif" font-size="${fontSize}" font-weight="${weight}">${escaped(text)}</text>`;
  });
  const scale = (CODE / size).toFixed(5);
  return `<path transform="translate(${MARGIN} ${MARGIN}) scale(${scale})" shape-rendering="crispEdges" d="${darkRuns(data)}"/>${texts.join("")}`;
}

/** Returns a rectangle for each horizontal run of dark modules. */
function darkRuns(modules: readonly (readonly boolean[])[]): string {
  const runs = modules.flatMap((row, y) =>
    row.flatMap((isDark, x) => {
      if (!isDark || row[x - 1] === true) return [];
      const end = row.indexOf(false, x);
      const length = (end === -1 ? row.length : end) - x;
      return [`M${x} ${y}h${length}v1h-${length}z`];
    }),
  );
  return runs.join("");
}

type Style = typeof TITLE | typeof DETAIL;

/** Returns the lines of a text. A text that does not fit ends with an ellipsis. */
function linesOf(text: string, style: Style): (Style & { readonly text: string })[] {
  const { characters: width, lines: most } = style;
  const characters = Array.from(text);
  const lines = Array.from({ length: Math.ceil(characters.length / width) }, (_, line) =>
    characters.slice(line * width, (line + 1) * width).join(""),
  );
  const shown =
    lines.length <= most ? lines : [...lines.slice(0, most - 1), `${characters.slice((most - 1) * width, most * width - 1).join("")}…`];
  return shown.map((line) => ({ ...style, text: line.trim() }));
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? "");
