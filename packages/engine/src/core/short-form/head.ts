import { isScalar, Pair, Scalar, type YAMLMap } from "yaml";
import { DEFINITION_KEY, type Source } from "../document/reader.js";
import { quote } from "../model/problems.js";
import type { Translating } from "./translating.js";
import { insteadOf, pairOf, removePair, replacePair } from "./tree.js";

const MAX_KEY = 64;
/** Stands for a key that could not be found, so that only the real problem is reported. */
const NO_KEY = "no-key";

/** Adds what a definition of Weft begins with, and keeps `version` as a note: Weft numbers the versions itself. */
export function translateHead(translating: Translating, map: YAMLMap, source: Source): void {
  keepVersion(translating, map, source);
  const { moved } = translating;
  const first = map.items[0];
  const added = [new Pair(new Scalar("weft"), new Scalar(1)), new Pair(new Scalar("kind"), new Scalar("automation"))];
  if (source["key"] === undefined) {
    added.push(new Pair(new Scalar("key"), new Scalar(keyOf(translating, source["name"]))));
    moved(["key"], ["name"], { isWhole: true });
  }
  // A comment at the beginning is about the whole.
  if (first && !map.flow && isScalar(first.key) && added[0]) {
    added[0].key.commentBefore = first.key.commentBefore ?? null;
    first.key.commentBefore = null;
  }
  map.items.unshift(...added);
}

function keepVersion({ problems, note }: Translating, map: YAMLMap, source: Source): void {
  const pair = pairOf(map, "version");
  if (!pair) return;
  const value = isScalar(pair.value) ? pair.value.value : null;
  if (!isScalar(pair.value) || (typeof value !== "string" && typeof value !== "number"))
    problems.add(["version"], "WRONG_TYPE", `Expected a version such as 1.0, found ${quote(source["version"])}.`);
  else if (pairOf(map, "x-version")) problems.add(["version"], "BAD_VALUE", "The version is kept as x-version, which the text also has.");
  else {
    // As it was written: 1.10 is not 1.1.
    const written = pair.value.source ?? String(value);
    replacePair(map, pair, insteadOf(pair, "x-version", new Scalar(written)));
    return note(["version"], "Kept as the note x-version. Weft numbers the versions of a definition itself.");
  }
  removePair(map, pair);
}

/** Returns the key that a name gives: `Deploy the shop` gives `deploy-the-shop`. */
function keyOf({ problems, note }: Translating, name: unknown): string {
  if (typeof name !== "string" || name.trim() === "") return NO_KEY;
  const key = name
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  if (DEFINITION_KEY.test(key) && key.length <= MAX_KEY) {
    if (key !== name) note(["name"], `The key of the definition is ${key}.`);
    return key;
  }
  problems.add(
    ["name"],
    "BAD_VALUE",
    `${quote(name)} gives no key. A key has up to ${MAX_KEY} lowercase letters, digits and hyphens, and begins with a letter. Change the name, or add a key such as key: my-workflow.`,
  );
  return NO_KEY;
}
