import { Kind, parse, visit } from "graphql";
import { parseSync, Visitor } from "oxc-parser";
import type { Piece } from "./lint.ts";

/** Returns the descriptions and deprecation reasons of a schema. */
export function schemaPieces(sdl: string): Piece[] {
  const pieces: Piece[] = [];
  visit(parse(sdl), {
    StringValue(node, key, _parent, _path, ancestors) {
      const within = ancestors.at(-2);
      const deprecates = within !== undefined && !Array.isArray(within) && (within as { kind?: string }).kind === Kind.DIRECTIVE;
      if (key === "description" || deprecates)
        pieces.push({ text: node.value, line: (node.loc?.startToken.line ?? 1) + (node.block ? 1 : 0) });
    },
  });
  return pieces;
}

/**
 * Returns the messages of a source file: single-line strings of at least four words. These are error messages, log lines and program output.
 * Decorators are skipped because their descriptions are checked in the schema. Tagged templates are skipped because they are SQL.
 */
export function messagePieces(path: string, source: string): Piece[] {
  const { program } = parseSync(path, source);
  const pieces: Piece[] = [];
  const skipped: [from: number, to: number][] = [];
  const lineOf = lineFinder(source);
  const add = (text: string, start: number): void => {
    if (text.includes("\n") || text.trim().split(/\s+/).length < 4) return;
    if (/^\s*(?:\W*\{|(?:select|insert|update|delete|with|create|alter|query|mutation|subscription) )/.test(text)) return;
    if (skipped.some(([from, to]) => from <= start && start < to)) return;
    pieces.push({ text: text.trim(), line: lineOf(start) });
  };
  const skip = ({ start, end }: { start: number; end: number }): void => void skipped.push([start, end]);
  new Visitor({
    Decorator: skip,
    TaggedTemplateExpression: skip,
    Literal(node) {
      if (typeof node.value === "string") add(node.value, node.start);
    },
    TemplateLiteral(node) {
      add(node.quasis.map(({ value }) => value.cooked ?? "").join("X"), node.start);
    },
  }).visit(program);
  return pieces;
}

/** Returns a function that finds the line of an offset. */
function lineFinder(source: string): (offset: number) => number {
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
