/**
 * Short form: turns automations that have a `name`, a `version` and steps with `command`, and no `weft`, `kind` and `key`, into definitions of Weft.
 * This module changes only what is written differently in them. What it leaves is as Weft has it, or a problem of the definition that results.
 */
import { isMap } from "yaml";
import { writeTreeSteps, type TextFormat } from "../document/write.js";
import type { ParsedDefinition } from "../document/parse.js";
import type { Locate, Problem } from "../model/problems.js";
import { isObject } from "../model/values.js";
import { translateHead } from "./head.js";
import { translateInputs } from "./inputs.js";
import { translateWrittenSteps } from "./steps.js";
import { byPlace, startTranslating, type Note } from "./translating.js";

export type Translation = {
  /** Text of the definition, in the format of the original and with its comments. Empty if there are problems. */
  readonly source: string;
  readonly document: unknown;
  readonly notes: readonly Note[];
  /** What cannot be translated. Further problems may be in the document. */
  readonly problems: readonly Problem[];
};

/** Whether a document is in the short form. With one of the keys that it does without, it is a definition of Weft with a mistake. */
export const isShortForm = (document: unknown): boolean =>
  isObject(document) && document["steps"] !== undefined && ["weft", "kind", "states"].every((key) => document[key] === undefined);

/** Translates a document in the short form, with a pause after each step. `locate` finds the parts of the definition in the original text. */
export function* translateSteps(
  { document: source, locate, copyTree }: ParsedDefinition,
  format: TextFormat,
): Generator<void, { readonly translation: Translation; readonly locate: Locate }, void> {
  const tree = copyTree();
  if (!isObject(source) || !tree || !isMap(tree.contents)) throw new Error("The document is not in the short form.");
  const translating = startTranslating(tree, locate);
  translateInputs(translating, tree.contents);
  yield* translateWrittenSteps(translating, tree.contents, source);
  translateHead(translating, tree.contents, source);
  yield;
  const document: unknown = tree.toJS({ maxAliasCount: 0 });
  yield;
  const { problems, notes } = translating;
  const written = problems.problems.length > 0 ? "" : yield* writeTreeSteps(tree, format, document);
  if (written === null)
    problems.add([], "TOO_LARGE", "As a definition of Weft, the text would be too large. Write it as one, or divide it.");
  return {
    translation: { source: written ?? "", document, notes: notes.toSorted(byPlace), problems: problems.problems },
    locate: translating.locate,
  };
}
