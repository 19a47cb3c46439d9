import fc from "fast-check";
import { expect, test } from "vitest";
import { redactorOf } from "./redact.js";

const SECRET = 's3Cr&t/v\'lue+"with" stuff<é>';
const redactor = redactorOf(new Map([["deploy-token", SECRET]]));
const base64 = (text: string): string => Buffer.from(text).toString("base64");

test.each([
  ["as it is", SECRET],
  ["in lower case", SECRET.toLowerCase()],
  ["in JSON", JSON.stringify({ a: SECRET })],
  ["in JSON within JSON", JSON.stringify(JSON.stringify({ a: SECRET }))],
  ["in a URL", `https://x.example/?q=${encodeURIComponent(SECRET)}`],
  ["in a form", String(new URLSearchParams({ q: SECRET }))],
  ["in a URL with digits in lower case", encodeURIComponent(SECRET).replace(/%../g, (digits) => digits.toLowerCase())],
  ["in JSON of PHP", JSON.stringify(SECRET).replaceAll("/", "\\/").replaceAll("é", "\\u00e9")],
  ["in JSON of Python", JSON.stringify(SECRET).replaceAll("é", "\\u00e9")],
  [
    "in HTML",
    SECRET.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
  ],
  ["in hexadecimal digits", Buffer.from(SECRET).toString("hex")],
  ["in Base64", base64(SECRET)],
  ["in Base64 after one byte", base64(`a${SECRET}:b`)],
  ["in Base64 after two bytes", base64(`ab${SECRET}c`)],
  ["in Base64 for URLs", Buffer.from(SECRET).toString("base64url")],
])("a value is found %s", (_name, text) => {
  const shown = redactor.text(text);
  expect(shown).toContain("[secret deploy-token]");
  expect(shown).not.toContain(SECRET.slice(0, 12));
});

test("texts without the value stay as they are", () => {
  const value = { a: ["s3cr", 12345678, null, true], b: { c: "v'lue" } };
  expect(redactor.json(value)).toEqual(value);
});

test("names of members and numbers are texts, too", () => {
  const { json } = redactorOf(new Map([["pin", "12345678"]]));
  expect(json({ x12345678: 12345678, list: [{ n: 112345678 }] })).toEqual({
    "x[secret pin]": "[secret pin]",
    list: [{ n: "1[secret pin]" }],
  });
});

test("the longer of two values is replaced first, and each by its name", () => {
  const { text } = redactorOf(
    new Map([
      ["short", "password"],
      ["long", "password-and-more"],
    ]),
  );
  expect(text("password-and-more password")).toBe("[secret long] [secret short]");
});

test("the lines of a value are found alone", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n";
  const { text } = redactorOf(new Map([["key", key]]));
  expect(text("line 2: hkiG9w0BAQEFAASC!")).toBe("line 2: [secret key]!");
});

test("a value that a long text cuts off is found at both ends", () => {
  const filler = "x".repeat(200);
  for (let cut = 6; cut < SECRET.length; cut++) {
    expect(redactor.text(filler + SECRET.slice(0, cut))).toBe(`${filler}[secret deploy-token]`);
    expect(redactor.text(SECRET.slice(-cut) + filler)).toBe(`[secret deploy-token]${filler}`);
  }
});

test.each([
  ["special characters", '"'.repeat(32_768)],
  ["letters", "a".repeat(32_768)],
  ["lines", Array.from({ length: 500 }, (_one, line) => `${line} `.padStart(10, "ö").padEnd(60, "é")).join("\n")],
])("a value of many %s is found, in a time that grows with its length only", (_name, value) => {
  const { text } = redactorOf(new Map([["long", value]]));
  const began = performance.now();
  expect(text(`before ${value} after`)).toBe("before [secret long] after");
  expect(text(JSON.stringify(value))).toBe('"[secret long]"');
  expect(
    text(`${"-".repeat(100_000)}${value.slice(0, -1)}`)
      .replace(/^-+/, "")
      .startsWith("[secret long]"),
  ).toBe(true);
  text("a".repeat(32_000));
  expect(performance.now() - began).toBeLessThan(5000);
});

test("a value is found whatever the pieces in which a log arrives", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 40 }), (lengths) => {
      let rest = `before ${SECRET} between ${base64(SECRET)} after`;
      const whole = redactor.text(rest);
      const written: string[] = [];
      const stream = redactor.stream((text) => written.push(text));
      for (const length of lengths) {
        stream.write(rest.slice(0, length));
        rest = rest.slice(length);
      }
      stream.write(rest);
      stream.end();
      expect(written.join("")).toBe(whole);
    }),
  );
});

test("no value is left in anything, whatever is around it", () => {
  const values = fc.string({ minLength: 8, maxLength: 40, unit: "grapheme" }).filter((value) => value.trim().length >= 8);
  fc.assert(
    fc.property(values, fc.string(), fc.string(), (value, before, after) => {
      fc.pre(!"[secret name]".includes(value.trim()));
      const { json } = redactorOf(new Map([["name", value]]));
      const shown = json({ text: before + value + after, url: encodeURIComponent(value), base64: base64(value) });
      expect(shown.text.replaceAll("[secret name]", "\n")).not.toContain(value);
      expect(shown.url).toContain("[secret name]");
      // The last digits can depend on what follows.
      expect(shown.base64).toMatch(/^\[secret name\].{0,3}$/);
    }),
  );
});
