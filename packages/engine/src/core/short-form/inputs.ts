import { isMap, type YAMLMap } from "yaml";
import { quote } from "../model/problems.js";
import type { Translating } from "./translating.js";
import { mapOf, nameOf, pairOf, removePair, replacePair } from "./tree.js";

/** Makes the rules in `validation` of each input rules of the input itself. They are keywords of JSON Schema there, too. */
export function translateInputs({ problems, moved }: Translating, map: YAMLMap): void {
  for (const one of mapOf(map, "inputs")?.items ?? []) {
    const input = one.value;
    const validation = isMap(input) ? pairOf(input, "validation") : undefined;
    if (!isMap(input) || !validation) continue;
    const path = ["inputs", nameOf(one)];
    const rules = validation.value;
    if (!isMap(rules)) {
      problems.add([...path, "validation"], "WRONG_TYPE", 'Expected rules such as { pattern: "^v[0-9]+$" }.');
      removePair(input, validation);
      continue;
    }
    const own = new Set(input.items.map(nameOf));
    for (const rule of rules.items) {
      const name = nameOf(rule);
      moved([...path, name], [...path, "validation", name]);
      if (own.has(name))
        problems.add([...path, "validation", name], "BAD_VALUE", `The input itself also has ${quote(name)}. Write it once.`);
    }
    replacePair(input, validation, ...rules.items.filter((rule) => !own.has(nameOf(rule))));
  }
}
