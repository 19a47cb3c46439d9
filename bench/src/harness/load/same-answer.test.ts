import { expect, test } from "vitest";
import { askingAgain } from "./asking-again.js";
import { sameOrRefused } from "./same-answer.js";

const node = (name: string | null) => ({ id: "wfi_1", assignee: name === null ? null : { name } });
const answer = (names: readonly (string | null)[], errors?: readonly object[]): string =>
  JSON.stringify({ data: { list: names.map(node) }, ...(errors && { errors }) });
const refusal = (code: string, path?: readonly (string | number)[]) => ({ message: "Try again.", path, extensions: { code } });

const first = answer(["Olga", "Pete"]);

test("the same answer is the same", () => {
  expect(sameOrRefused("Weft", first, answer(["Olga", "Pete"]))).toBe("same");
});

test("an answer in which a part is null because it was refused is told apart from a different one", () => {
  const isRefused = (text: string): void => expect(sameOrRefused("Weft", first, text)).toBe("refused");
  isRefused(answer(["Olga", null], [refusal("SERVICE_UNAVAILABLE", ["list", 1, "assignee"])]));
  // A field that cannot be null passes the null on to its parent.
  isRefused(answer(["Olga", null], [refusal("RATE_LIMITED", ["list", 1, "assignee", "name"])]));
  isRefused(JSON.stringify({ data: null, errors: [refusal("RATE_LIMITED", ["list"])] }));
  isRefused(JSON.stringify({ errors: [refusal("SERVICE_UNAVAILABLE")] }));
});

test("a null without an error at its place is another answer, which is shown with the first one and their difference", () => {
  const others = [
    answer(["Olga", null]),
    answer(["Olga", null], [refusal("RATE_LIMITED", ["list", 0, "assignee"])]),
    answer(["Olga", null], [refusal("FORBIDDEN", ["list", 1, "assignee"])]),
    answer(["Olga", "Rita"], [refusal("RATE_LIMITED", ["list", 1, "assignee"])]),
    answer(["Olga"], [refusal("RATE_LIMITED", ["list", 0])]),
  ];
  for (const now of others) {
    const compare = (): unknown => sameOrRefused("Weft", first, now);
    expect(compare).toThrow(/^Weft changed its answer in \d+ places?:\n {2}list\.1/);
    expect(compare).toThrow(first);
    expect(compare).toThrow(now);
  }
});

test("refused answers do not count as answers of a loop", async () => {
  const answers = [
    { status: 200, text: first },
    { status: 429, text: JSON.stringify({ errors: [refusal("RATE_LIMITED")] }) },
    { status: 200, text: first },
  ];
  let asked = 0;
  const again = await askingAgain("Weft", async () => answers[Math.min(asked++, 2)] ?? { status: 500, text: "" });
  const { done, refused } = await again.loop(1, 10);
  expect({ done, refused }).toEqual({ done: asked - 2, refused: 1 });
});
