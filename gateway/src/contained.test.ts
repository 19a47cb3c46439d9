import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL(".", import.meta.url));
/** Scripts of pages, which run in browsers, and tools of tests. */
const elsewhere = /\.test\.ts$|^(?:explorer|landing|link-pages|testing)\//;
/** A callback of a timer or a listener: the text after the call's beginning. */
const callbacks =
  /(?:(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\(\s*|\.(?:on|once|addEventListener)\(\s*"[\w-]+",\s*)(\w+|\()/g;

test("F26: an exception of a timer or a listener of the edge cannot end the process: all are contained", () => {
  const found: string[] = [];
  const bare: string[] = [];
  for (const file of globSync("**/*.ts", { cwd: folder }).filter((name) => !elsewhere.test(name))) {
    const source = readFileSync(folder + file, "utf8");
    for (const [call, callback = ""] of source.matchAll(callbacks)) {
      found.push(call);
      if (callback !== "contained" && !new RegExp(`const ${callback === "(" ? "\\(" : callback} = contained\\(`).test(source))
        bare.push(`${file}: ${call.replace(/\s+/g, " ")}`);
    }
  }
  expect(found.length).toBeGreaterThan(30);
  expect(bare).toEqual([]);
});
