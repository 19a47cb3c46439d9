import { computedMs } from "@weft/testkit/computed-ms";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { SaxesParser } from "saxes";
import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";
import type { Machine } from "../machine.js";
import { parseDefinition } from "../parse.js";
import { drawDefinition, drawInstance, type Drawing } from "./drawing.js";
import { labelOf, MAX_LABEL } from "./label.js";
import { toMermaid } from "./mermaid.js";
import { toSvg } from "./svg.js";

function example(name: string): Machine {
  const { document } = parseDefinition(
    readFileSync(new URL(`../../../../../examples/definitions/${name}.yaml`, import.meta.url), "utf8"),
    "yaml",
  );
  const result = compile(document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.machine;
}

type Element = { readonly name: string; readonly attributes: Record<string, string>; text: string };

/** Every element with its own text. Throws where the text is no XML. */
function parseXml(source: string): Element[] {
  const all: Element[] = [];
  const open: Element[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes, text: "" };
    all.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(source).close();
  return all;
}

const attribute = (elements: readonly Element[], name: string): string[] => elements.flatMap(({ attributes }) => attributes[name] ?? []);

type Statement = { readonly kind: "text" | "state" | "start" | "transition" | "end" | "style"; readonly text: string };

/** What a line of Mermaid says, by a grammar narrower than Mermaid's own; throws for a line that is nothing of this. */
function readMermaid(source: string): Statement[] {
  const [head, ...lines] = source.trimEnd().split("\n");
  expect(head).toBe("stateDiagram-v2");
  const safe = String.raw`((?:[\p{L}\p{M}\p{N} .,()!?'…–✓×]|#\d+;)+)`;
  const forms: [Statement["kind"], RegExp][] = [
    ["text", new RegExp(`^  acc(?:Title|Descr): ${safe}$`, "u")],
    ["state", new RegExp(String.raw`^  state "${safe}" as s\d+$`, "u")],
    ["start", /^  \[\*\] --> s(\d+)$/],
    ["end", /^  s(\d+) --> \[\*\]$/],
    ["transition", new RegExp(String.raw`^  s\d+ --> s\d+ : ${safe}$`, "u")],
    ["style", /^  class(?:Def (?:visited|current) [\w:#,-]+| s\d+(?:,s\d+)* (?:visited|current))$/],
  ];
  return lines.map((line) => {
    // Orders of Mermaid's lexer wherever they stand in a line.
    expect(line).not.toMatch(/direction\s|<<|\[\[|ﬂ|style.*:\S*#.*;/i);
    for (const [kind, form] of forms) {
      const found = form.exec(line);
      if (found) return { kind, text: (found[1] ?? "").replaceAll(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))) };
    }
    throw new Error(`no line of a diagram: ${JSON.stringify(line)}`);
  });
}

const textsOf = (statements: readonly Statement[], kind: Statement["kind"]): string[] =>
  statements.filter((one) => one.kind === kind).map(({ text }) => text);

const nasty = fc.oneof(
  fc.constantFrom(
    `"quoted" 'twice'`,
    "a --> b",
    "</script><script>alert(1)</script>",
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "one\ntwo\r\nstate evil",
    "%%{init: {}}%% %% comment",
    "; [*] --> s1 :::evil",
    "#quot; &quot; #35;",
    "style x:#fff;",
    "\u202Egnp.exe\u2066",
    "שלום עולם",
    "مرحبا",
    "\u0000\u0001\uFFFE\uD800",
    "   ",
    "👩‍👩‍👧‍👦".repeat(60),
    "end",
    "set DIRECTION  LR now",
    "ﬂ°°60¶ßb",
    "{{ data.x }} `z` $$w$$ @{ shape: x }",
    "x".repeat(200),
  ),
  fc.string({ unit: "binary", maxLength: 200 }),
);

const drawings: fc.Arbitrary<Drawing> = fc
  .record({
    title: nasty,
    names: fc.uniqueArray(nasty, { minLength: 1, maxLength: 12 }),
    titles: fc.array(nasty, { minLength: 12, maxLength: 12 }),
    moves: fc.array(fc.record({ from: fc.nat(), to: fc.nat(), title: nasty, fired: fc.nat(2) }), { maxLength: 30 }),
    marks: fc.array(fc.constantFrom("none" as const, "visited" as const), { minLength: 12, maxLength: 12 }),
    isOfInstance: fc.boolean(),
  })
  .map(({ title, names, titles, moves, marks, isOfInstance }) => ({
    title,
    isOfInstance,
    states: names.map((name, index) => ({
      name,
      title: titles[index] ?? "",
      final: index % 4 === 3 ? ("completed" as const) : null,
      isInitial: index === 0,
      mark: index === 1 ? ("current" as const) : (marks[index] ?? "none"),
    })),
    transitions: moves.map((move, index) => ({
      ...move,
      name: `t${index}`,
      from: names[move.from % names.length] ?? "",
      to: names[move.to % names.length] ?? "",
    })),
  }));

/** As a reader of XML gives it back. */
const inXml = (text: string): string => text.toWellFormed().replaceAll(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, "\uFFFD");
const firedLabel = ({ title, name, fired }: Drawing["transitions"][number]): string =>
  `${fired > 0 ? "✓ " : ""}${labelOf(title, name)}${fired > 1 ? ` ×${fired}` : ""}`;

describe("whatever the names are", () => {
  test("the SVG is XML of harmless elements, with every state and transition once, as text", () => {
    fc.assert(
      fc.property(drawings, (drawing) => {
        const elements = parseXml(toSvg(drawing));
        const harmless = ["svg", "title", "desc", "rect", "g", "path", "text", "circle"];
        expect(elements.filter(({ name }) => !harmless.includes(name))).toEqual([]);
        const attributes = new Set(elements.flatMap((element) => Object.keys(element.attributes)));
        expect([...attributes].filter((name) => /^on|href|style|^id$|^src$/i.test(name))).toEqual([]);
        expect(attribute(elements, "data-state")).toEqual(drawing.states.map(({ name }) => inXml(name)));
        expect(attribute(elements, "data-transition")).toEqual(drawing.transitions.map(({ from, name }) => inXml(`${from}/${name}`)));
        const shown = elements.filter(({ name }) => name === "text").map(({ text }) => text);
        expect(shown).toEqual([...drawing.transitions.map(firedLabel), ...drawing.states.map(({ title, name }) => labelOf(title, name))]);
      }),
      { numRuns: 80 },
    );
  });

  test("the Mermaid text has one line for every state and transition, and no line of their making", () => {
    fc.assert(
      fc.property(drawings, (drawing) => {
        const statements = readMermaid(toMermaid(drawing));
        expect(textsOf(statements, "state")).toEqual(drawing.states.map(({ title, name }) => labelOf(title, name)));
        expect(textsOf(statements, "transition")).toEqual(drawing.transitions.map(firedLabel));
        expect(textsOf(statements, "start")).toEqual(["1"]);
        expect(textsOf(statements, "end")).toHaveLength(drawing.states.filter(({ final }) => final !== null).length);
      }),
      { numRuns: 80 },
    );
  });

  test("a label is one line of at most 48 characters, never empty, and turns nobody's reading direction", () => {
    fc.assert(
      fc.property(nasty, nasty, (title, fallback) => {
        const label = labelOf(title, fallback);
        expect([...new Intl.Segmenter("en").segment(label)].length).toBeLessThanOrEqual(MAX_LABEL);
        expect(label).toMatch(/\S/);
        expect(label).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
        expect(labelOf(label, "")).toBe(label);
      }),
    );
  });
});

test("boxes do not overlap, labels do not overlap, and all of it lies within the picture", () => {
  fc.assert(
    fc.property(drawings, (drawing) => {
      const elements = parseXml(toSvg(drawing));
      const [root] = elements;
      const [width, height] = [Number(root?.attributes["width"]), Number(root?.attributes["height"])];
      const boxes = elements
        .filter(({ name, attributes }) => name === "rect" && attributes["x"] !== undefined && attributes["fill"] !== "none")
        .map(({ attributes: { x, y, width: w, height: h } }) => ({
          x: Number(x),
          y: Number(y),
          right: Number(x) + Number(w),
          bottom: Number(y) + Number(h),
        }));
      expect(boxes).toHaveLength(drawing.states.length + drawing.transitions.length);
      for (const [index, one] of boxes.entries()) {
        expect(one.x >= 0 && one.y >= 0 && one.right <= width && one.bottom <= height).toBe(true);
        for (const other of boxes.slice(index + 1)) {
          expect(one.x >= other.right || other.x >= one.right || one.y >= other.bottom || other.y >= one.bottom).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("the largest definition, full of ampersands, is drawn in bounded size", () => {
  const states = Array.from({ length: 1000 }, (_, index) => ({
    name: `state_${index}_${"x".repeat(50)}`,
    title: "&".repeat(200),
    final: null,
    isInitial: index === 0,
    mark: "visited" as const,
  }));
  const transitions = Array.from({ length: 2000 }, (_, index) => ({
    name: `t_${index}_${"y".repeat(50)}`,
    title: '"'.repeat(200),
    from: states[index % 1000]?.name ?? "",
    to: states[index < 1000 ? (index + 1) % 1000 : (index * 7919) % 1000]?.name ?? "",
    fired: 1,
  }));
  const drawing: Drawing = { title: "&".repeat(200), isOfInstance: true, states, transitions };
  const began = computedMs();
  const svg = toSvg(drawing);
  expect(svg.length).toBeLessThan(2_500_000);
  expect(attribute(parseXml(svg), "data-state")).toHaveLength(1000);
  expect(toMermaid(drawing).length).toBeLessThan(1_000_000);
  // A multiple of what it takes on a busy machine; a layout library takes minutes.
  expect(computedMs() - began).toBeLessThan(5000);
});

describe("an instance's way", () => {
  const machine = example("maintenance-request");
  const steps = [
    { from: null, to: "draft", transition: null },
    { from: "draft", to: "draft", transition: null },
    { from: "draft", to: "triage", transition: "submit" },
  ];

  test("is marked: where it was, what was fired, where it is", () => {
    const drawing = drawInstance(machine, { state: "triage", steps, reach: "all" });
    expect(drawing.states.filter(({ mark }) => mark !== "none").map(({ name, mark }) => [name, mark])).toEqual([
      ["draft", "visited"],
      ["triage", "current"],
    ]);
    expect(drawing.transitions.filter(({ fired }) => fired > 0)).toMatchObject([{ from: "draft", name: "submit", fired: 1 }]);
    const { states, transitions } = drawDefinition(machine);
    expect([drawing.states.length, drawing.transitions.length]).toEqual([states.length, transitions.length]);
    const svg = parseXml(toSvg(drawing));
    expect(svg.find(({ attributes }) => attributes["data-mark"] === "current")?.attributes["data-state"]).toBe("triage");
    expect(svg.find(({ name }) => name === "desc")?.text).toContain("The instance is in Triage. It was in Draft before.");
    expect(toMermaid(drawing)).toContain("  class s2 current\n");
  });

  test("alone is all that is drawn for who may not see the definition", () => {
    const drawing = drawInstance(machine, { state: "triage", steps, reach: "path" });
    const triage = machine.states.get("triage");
    expect(drawing.transitions.map(({ from, name }) => `${from}/${name}`)).toEqual([
      "draft/submit",
      ...[...(triage?.transitions.keys() ?? [])].map((name) => `triage/${name}`),
    ]);
    expect(drawing.states.map(({ name }) => name)).not.toContain("closed");
    for (const text of [toSvg(drawing), toMermaid(drawing)]) expect(text.toLowerCase()).not.toContain("closed");
  });

  test("a move that the definition does not have is left out", () => {
    const drawing = drawInstance(machine, { state: "gone", steps: [{ from: "gone", to: "gone", transition: "x" }], reach: "path" });
    expect([drawing.states, drawing.transitions]).toEqual([[], []]);
    parseXml(toSvg(drawing));
    readMermaid(toMermaid(drawing));
  });
});
