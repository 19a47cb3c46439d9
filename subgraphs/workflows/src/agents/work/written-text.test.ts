import { redactorOf } from "@weft/engine";
import { expect, test } from "vitest";
import { writtenText } from "./written-text.js";

const KEY = "sk-0123456789 abcdef";

/** What is logged of an answer that arrives in these pieces. */
function logged(pieces: readonly string[]): string[] {
  const texts: string[] = [];
  const written = writtenText(redactorOf(new Map([["key", KEY]])).stream, (text) => texts.push(text));
  for (const piece of pieces) written.write(piece);
  written.end();
  return texts;
}

test("is logged without the API key, wherever the pieces cut it", () => {
  const text = `One.\nThe key is ${KEY}, really.\nTwo.`;
  for (let size = 1; size <= text.length; size++) {
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
    expect(logged(pieces).join("")).toBe("One.\nThe key is [secret key], really.\nTwo.\n");
  }
});

test("ends without the beginning of the API key, wherever it ends", () => {
  for (let chars = 6; chars < KEY.length; chars++) {
    expect(logged([`The key is ${KEY.slice(0, chars)}`]).join("")).toBe("The key is [secret key]\n");
    const filler = "x".repeat(262_144 - chars - 1);
    expect(
      logged([`${filler} ${KEY}`])
        .join("")
        .slice(-14),
    ).toBe(" [secret key]\n");
  }
});

test("is passed on when a line is complete, and not before", () => {
  const texts: string[] = [];
  const written = writtenText(redactorOf(new Map([["key", KEY]])).stream, (text) => texts.push(text));
  written.write("One");
  expect(texts).toEqual([]);
  written.write(".\nTw");
  expect(texts.join("")).toBe("One.\nTw");
  written.write("o.");
  written.end();
  expect(texts.join("")).toBe("One.\nTwo.\n");
});

test("is bounded, and costs no more than it is long", () => {
  const startedAt = performance.now();
  const texts = logged(Array.from({ length: 400_000 }, () => "x"));
  expect(texts.join("")).toHaveLength(262_144 + 1);
  expect(texts.length).toBeLessThan(100);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
