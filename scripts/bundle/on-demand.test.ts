import { compileFunction } from "node:vm";
import { expect, test } from "vitest";
import { loadOnDemand } from "./on-demand.ts";

const code = `"use strict";
const a_1 = require("./a");
const fetch_1 = require("node-fetch");
const pretty_1 = __importDefault(require("pretty-format"));
function call() { return new fetch_1.Headers(pretty_1.default, (0, fetch_1.parse)("fetch_1x"), a_1.b); }
module.exports = call;
`;

function load(text: string): { loaded: string[]; call: () => unknown } {
  const loaded: string[] = [];
  const require = (name: string): object => {
    loaded.push(name);
    class Headers {
      readonly values: unknown[];
      constructor(...values: unknown[]) {
        this.values = values;
      }
    }
    return { Headers, parse: (part: string) => `parsed ${part}`, b: "b" };
  };
  const module = { exports: (): unknown => undefined };
  const run = compileFunction(text, ["require", "module", "__importDefault"]) as (...args: unknown[]) => void;
  run(require, module, (value: object) => ({ default: Object.keys(value).join(",") }));
  return { loaded, call: module.exports };
}

test("loads a package at the first use, once, with the same result", () => {
  const [before, after] = [load(code), load(loadOnDemand(code, ["node-fetch", "pretty-format"]))];
  expect(before.loaded).toEqual(["./a", "node-fetch", "pretty-format"]);
  expect(after.loaded).toEqual(["./a"]);
  expect(JSON.stringify(after.call())).toBe(JSON.stringify(before.call()));
  after.call();
  expect(after.loaded).toEqual(["./a", "node-fetch", "pretty-format"]);
});

test("keeps the lines, and rejects a package that is loaded in another way", () => {
  expect(loadOnDemand(code, ["pretty-format"]).split("\n")).toHaveLength(code.split("\n").length);
  expect(() => loadOnDemand(code, ["undici"])).toThrow('require("undici")');
});
