import { computedMs } from "@weft/testkit/cost/computed-ms";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import type { Machine } from "../model/machine.js";
import { parseDefinition } from "../document/parse.js";
import { attribute, parseXml } from "../fixtures/parse-xml.js";
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

type Statement = { readonly kind: "text" | "state" | "start" | "transition" | "end" | "style"; readonly text: string };

/** Parses a line of Mermaid with a grammar narrower than Mermaid's own. Throws for any other line. */
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
    // Words that Mermaid's lexer treats as commands wherever they occur in a line.
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
    edges: fc.array(fc.record({ from: fc.nat(), to: fc.nat(), title: nasty, fired: fc.nat(2) }), { maxLength: 30 }),
    marks: fc.array(fc.constantFrom("none" as const, "visited" as const), { minLength: 12, maxLength: 12 }),
    isOfInstance: fc.boolean(),
  })
  .map(({ title, names, titles, edges, marks, isOfInstance }) => ({
    title,
    isOfInstance,
    states: names.map((name, index) => ({
      name,
      title: titles[index] ?? "",
      final: index % 4 === 3 ? ("completed" as const) : null,
      isInitial: index === 0,
      mark: index === 1 ? ("current" as const) : (marks[index] ?? "none"),
    })),
    transitions: edges.map((edge, index) => ({
      ...edge,
      name: `t${index}`,
      from: names[edge.from % names.length] ?? "",
      to: names[edge.to % names.length] ?? "",
    })),
  }));

/** The text as an XML parser returns it. */
const inXml = (text: string): string => text.toWellFormed().replaceAll(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, "\uFFFD");
const firedLabel = ({ title, name, fired }: Drawing["transitions"][number]): string =>
  `${fired > 0 ? "✓ " : ""}${labelOf(title, name)}${fired > 1 ? ` ×${fired}` : ""}`;

describe("for any names", () => {
  test("the SVG is XML of harmless elements and contains every state and transition once, as text", { tags: "slow" }, () => {
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

  test("the Mermaid text has one line for every state and transition, and no line injected by a name", () => {
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

  test("a label is one line of at most 48 characters, is never empty, and does not change the text direction", () => {
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

test("the same drawing has the same SVG", () => {
  const drawing = drawDefinition(example("purchase-approval"));
  const svg = toSvg(drawing);
  toSvg(drawDefinition(example("incident")));
  expect(toSvg(structuredClone(drawing))).toBe(svg);
});

test("the largest definition, full of ampersands, is drawn with a bounded size", { tags: "slow" }, () => {
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
  // A multiple of the time on a busy machine.
  expect(computedMs() - began).toBeLessThan(5000);
});

describe("an instance's path", () => {
  const machine = example("maintenance-request");
  const steps = [
    { from: null, to: "draft", transition: null },
    { from: "draft", to: "draft", transition: null },
    { from: "draft", to: "triage", transition: "submit" },
  ];

  test("is marked: the visited states, the fired transitions and the current state", () => {
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
    expect(svg.find(({ name }) => name === "desc")?.text).toContain("The instance is in Triage. It was previously in Draft.");
    expect(toMermaid(drawing)).toContain("  class s2 current\n");
  });

  test("is all that is drawn for users who cannot see the definition", () => {
    const drawing = drawInstance(machine, { state: "triage", steps, reach: "path" });
    const triage = machine.states.get("triage");
    expect(drawing.transitions.map(({ from, name }) => `${from}/${name}`)).toEqual([
      "draft/submit",
      ...[...(triage?.transitions.keys() ?? [])].map((name) => `triage/${name}`),
    ]);
    expect(drawing.states.map(({ name }) => name)).not.toContain("closed");
    for (const text of [toSvg(drawing), toMermaid(drawing)]) expect(text.toLowerCase()).not.toContain("closed");
  });

  test("omits a transition that the definition does not have", () => {
    const drawing = drawInstance(machine, { state: "gone", steps: [{ from: "gone", to: "gone", transition: "x" }], reach: "path" });
    expect([drawing.states, drawing.transitions]).toEqual([[], []]);
    parseXml(toSvg(drawing));
    readMermaid(toMermaid(drawing));
  });
});
