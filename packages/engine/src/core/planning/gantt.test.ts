import { describe, expect, test } from "vitest";
import { aPlan, aTask } from "../fixtures/plans.js";
import { attribute, parseXml, type Element } from "../fixtures/parse-xml.js";
import { layOutGantt, type GanttLayout } from "./gantt.js";
import { ganttSvg } from "./gantt-svg.js";
import { schedulePlan } from "./schedule.js";

const zurich = { timeZone: "Europe/Zurich", width: 800 };

const plan = aPlan(
  [
    aTask("build", 0),
    aTask("ship", 0, { name: "Shipped" }),
    aTask("parts", 960, { parentId: "build", percentComplete: 50, actualStartAt: "2026-01-05T07:00:00Z" }),
    aTask("paint", 480, {
      parentId: "build",
      baseline: { startAt: "2026-01-06T07:00:00Z", finishAt: "2026-01-06T16:00:00Z" },
      deadlineAt: "2026-01-12T16:00:00Z",
    }),
    aTask("side", 240),
  ],
  ["parts FS paint", "build FS ship", "side SS paint"],
);
const layout = layOutGantt(plan, schedulePlan(plan, { direction: "FORWARD" }));

describe("the layout", () => {
  test("has the rows of the tree, children below their summary task", () => {
    expect(
      layout.rows.map(({ taskId, depth, isSummary, isMilestone, isCritical }) => [taskId, depth, isSummary, isMilestone, isCritical]),
    ).toEqual([
      ["build", 0, true, false, true],
      ["parts", 1, false, false, true],
      ["paint", 1, false, false, true],
      ["ship", 0, false, true, true],
      ["side", 0, false, false, false],
    ]);
    expect(layout.rows[2]).toMatchObject({
      planned: { startAt: "2026-01-07T07:00:00.000Z", finishAt: "2026-01-07T16:00:00.000Z" },
      baseline: { startAt: "2026-01-06T07:00:00Z", finishAt: "2026-01-06T16:00:00Z" },
      deadlineAt: "2026-01-12T16:00:00Z",
    });
  });

  test("spans deadlines and baselines", () => {
    expect([layout.startAt, layout.finishAt]).toEqual(["2026-01-05T07:00:00.000Z", "2026-01-12T16:00:00.000Z"]);
  });

  test("links the dates that depend on each other, and marks the critical path, through summary tasks too", () => {
    expect(
      layout.links.map(({ fromRow, toRow, fromAt, toAt, isCritical }) => [
        fromRow,
        toRow,
        fromAt.slice(5, 13),
        toAt.slice(5, 13),
        isCritical,
      ]),
    ).toEqual([
      [1, 2, "01-06T16", "01-07T07", true],
      [0, 3, "01-07T16", "01-07T16", true],
      [4, 2, "01-05T07", "01-07T07", false],
    ]);
  });
});

/** The elements between the group of a task and the next group. */
function drawnOf(elements: readonly Element[], taskId: string): Element[] {
  const start = elements.findIndex(({ attributes }) => attributes["data-task"] === taskId);
  const end = elements.findIndex(({ name }, index) => index > start && name === "g");
  return elements.slice(start, end < 0 ? undefined : end);
}
const numbersOf = (element: Element | undefined, ...names: string[]): number[] => names.map((name) => Number(element?.attributes[name]));
const classed = (elements: readonly Element[], name: string): Element | undefined =>
  elements.find(({ attributes }) => attributes["class"] === name);

describe("the SVG", () => {
  const elements = parseXml(ganttSvg(layout, zurich));

  test("has bars in proportion to time, one below the other", () => {
    const bars = ["parts", "paint", "side"].map((id) => numbersOf(classed(drawnOf(elements, id), "bar"), "x", "width", "y"));
    const [[left = 0, partsWidth = 0, partsY = 0] = [], [paintX = 0, paintWidth = 0, paintY = 0] = [], [sideX = 0, , sideY = 0] = []] =
      bars;
    // The chart is from Monday 07:00 to Monday 16:00 a week later: 177 hours.
    const right = 800 - 12;
    const hour = (right - left) / 177;
    expect(sideX).toBe(left);
    expect(partsWidth).toBeCloseTo(33 * hour, 0);
    expect(paintX - left).toBeCloseTo(48 * hour, 0);
    expect(paintWidth).toBeCloseTo(9 * hour, 0);
    expect([paintY - partsY, sideY - paintY]).toEqual([26, 52]);
    const [done = 0, from = 0] = numbersOf(classed(drawnOf(elements, "parts"), "done"), "width", "x");
    expect([done, from]).toEqual([Math.round(partsWidth * 5) / 10, left]);
    const [baselineX = 0] = numbersOf(classed(drawnOf(elements, "paint"), "baseline"), "x");
    expect(baselineX - left).toBeCloseTo(24 * hour, 0);
    expect(classed(drawnOf(elements, "paint"), "deadline")?.attributes["d"]).toMatch(new RegExp(`^M${right} `));
  });

  test("describes itself in words", () => {
    expect(elements.find(({ name }) => name === "svg")?.attributes).toMatchObject({ role: "img", "aria-label": "Plan", width: "800" });
    expect(elements.find(({ name }) => name === "desc")?.text).toBe(
      "Gantt chart from January 5, 2026 to January 12, 2026. 4 tasks, 3 of them critical.",
    );
    const titles = elements.filter(({ name }) => name === "title").map(({ text }) => text);
    expect(titles).toContain("parts: January 5, 2026 to January 6, 2026, 50% complete, critical");
    expect(titles).toContain("Shipped: January 7, 2026, 0% complete, critical");
  });

  test("has light and dark colors, for the chart only", () => {
    const style = elements.find(({ name }) => name === "style")?.text ?? "";
    const [light = "", dark = ""] = style.split("@media (prefers-color-scheme:dark)");
    const selectors = (rules: string): string[] => [...rules.matchAll(/([^{}]+)\{[^{}]+\}/g)].map(([, selector = ""]) => selector.trim());
    expect(selectors(dark)).toEqual(selectors(light));
    expect(selectors(light).filter((selector) => !selector.startsWith(".weft-gantt "))).toEqual([]);
    const used = new Set(attribute(elements, "class").flatMap((names) => names.split(" ")));
    for (const name of used) expect([name, name === "weft-gantt" || light.includes(`.${name}`)]).toEqual([name, true]);
  });

  test("has an arrow for each link, which ends at the bar", () => {
    expect(attribute(elements, "data-link")).toEqual(["parts/paint", "build/ship", "side/paint"]);
    const arrow = elements.filter(({ attributes }) => attributes["class"] === "arrow")[0]?.attributes["d"] ?? "";
    const [x = 0, y = 0] = numbersOf(classed(drawnOf(elements, "paint"), "bar"), "x", "y");
    expect(arrow).toContain(`L${x} ${y + 6}L`);
  });

  test("writes dates in the language and time zone of the reader", () => {
    const labels = (svg: string): string[] =>
      parseXml(svg).flatMap(({ name, attributes, text }) => (name === "text" && attributes["text-anchor"] === "middle" ? [text] : []));
    expect(labels(ganttSvg(layout, zurich))).toEqual(["Jan 6", "Jan 7", "Jan 8", "Jan 9", "Jan 10", "Jan 11", "Jan 12"]);
    expect(labels(ganttSvg(layout, { ...zurich, locale: "de" }))[0]).toBe("6. Jan.");
    // It is still Sunday evening there when the project starts, so Monday begins within the chart.
    expect(labels(ganttSvg(layout, { ...zurich, timeZone: "Pacific/Honolulu" }))[0]).toBe("Jan 5");
  });
});

test("a plan of years is labeled by months, quarters or years, without an overlap", () => {
  for (const days of [1, 10, 50, 300, 1000, 4000, 30_000]) {
    const long: GanttLayout = { ...layout, links: [], finishAt: new Date(Date.parse(layout.startAt) + days * 86_400_000).toISOString() };
    const lines = parseXml(ganttSvg(long, zurich)).filter(({ attributes }) => attributes["text-anchor"] === "middle");
    const positions = lines.map(({ attributes }) => Number(attributes["x"]));
    expect(positions.length).toBeGreaterThan(0);
    for (const [index, x] of positions.slice(1).entries()) expect(x - (positions[index] ?? 0)).toBeGreaterThanOrEqual(60);
  }
});

test("names and IDs that users chose are text, whatever they contain", () => {
  const nasty = `</text><script>alert("1")</script>&amp; ]]> \u0000\u202E'`;
  const task = { ...aTask(nasty, 60), name: nasty };
  const one = aPlan([task, aTask("b", 60)], [], {
    name: nasty,
    dependencies: [{ predecessorId: nasty, successorId: "b", kind: "FS", lagMinutes: 0 }],
  });
  const elements = parseXml(ganttSvg(layOutGantt(one, schedulePlan(one, { direction: "FORWARD" })), zurich));
  expect(new Set(elements.map(({ name }) => name))).toEqual(new Set(["svg", "title", "desc", "style", "rect", "path", "text", "g"]));
  expect(attribute(elements, "data-task")[0]).toBe(nasty.replace("\u0000", "\uFFFD"));
  expect(elements.filter(({ name }) => name === "text").map(({ text }) => text)).toContain(`</text><script>alert("1")</script>&amp; ]]> '`);
  expect(elements.filter(({ name }) => name === "style")).toHaveLength(1);
});

test("a name of wide letters ends before the bars, and its tooltip has all of a long one", () => {
  const name = "W".repeat(100);
  const wide = aPlan([
    { ...aTask("wide", 60), name },
    { ...aTask("other", 60), name: "計".repeat(60) },
  ]);
  const elements = parseXml(ganttSvg(layOutGantt(wide, schedulePlan(wide, { direction: "FORWARD" })), zurich));
  const [x = 0] = numbersOf(classed(drawnOf(elements, "wide"), "bar"), "x");
  // A W is as wide as the font is high, and 48 characters of the name are shown.
  expect(x).toBeGreaterThan(48 * 12);
  expect(elements.filter((one) => one.name === "title").map(({ text }) => text)).toContain(
    `${name}: January 5, 2026 to January 5, 2026, 0% complete, critical`,
  );
});

test("a plan without tasks says so", () => {
  const empty = aPlan([]);
  const elements = parseXml(ganttSvg(layOutGantt(empty, schedulePlan(empty, { direction: "FORWARD" })), zurich));
  expect(elements.filter((one) => one.name === "text").map(({ text }) => text)).toContain("No tasks");
});

test("the same layout gives the same SVG, and a plan without tasks has one too", () => {
  expect(ganttSvg(structuredClone(layout), zurich)).toBe(ganttSvg(layout, zurich));
  const empty = aPlan([]);
  expect(parseXml(ganttSvg(layOutGantt(empty, schedulePlan(empty, { direction: "FORWARD" })), zurich))[0]?.name).toBe("svg");
});
