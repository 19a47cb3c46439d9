import { expect, test } from "vitest";
import { checkedFileName } from "./file-name.js";

test("names are kept in composed form, without outer blanks", () => {
  expect(checkedFileName("name", " Bu\u0308ro 3.pdf ")).toEqual({ name: "Büro 3.pdf" });
  expect(checkedFileName("name", "写真.jpeg")).toEqual({ name: "写真.jpeg" });
  expect(checkedFileName("name", ".env")).toEqual({ name: ".env" });
  expect(checkedFileName("name", "Offer\u2026 (draft).pdf")).toEqual({ name: "Offer\u2026 (draft).pdf" });
  expect(checkedFileName("name", "完成。最终.docx")).toEqual({ name: "完成。最终.docx" });
});

test.each([
  "",
  "  ",
  "..",
  "../../etc/passwd",
  "a/b.txt",
  "a\\b.txt",
  "C:b.txt",
  "what?.txt",
  "ends.",
  "CON",
  "nul.txt",
  "line\nbreak.txt",
  "zero\0.png",
  // Shown as "invoicegpj.exe" with its end reversed.
  "invoice\u202Egpj.exe",
  "invisible\u200B.txt",
  "one dot leader\u2024exe",
  "small\uFE52bat",
  "fullwidth\uFF0Epdf.txt",
  "ellipsis\u2026bat",
  "ideographic\u3002exe",
  "a".repeat(256),
  "ü".repeat(128),
])("%j is not accepted as a name", (name) => {
  expect(checkedFileName("input.name", name)).toEqual({ problems: [{ path: "input.name", message: expect.any(String) as string }] });
});
