import { isJsonText, parseSteps } from "../document/parse.js";
import { MAX_PROBLEMS, type Locate, type Problem } from "../model/problems.js";
import type { CompileResult } from "../definition/compile.js";
import { byPlace } from "./translating.js";
import { isShortForm, translateSteps, type Translation } from "./translate.js";

/** A text as Weft understands it. */
export type ReadSource = {
  /** The document to compile; undefined if the text has syntax errors. */
  readonly document: unknown;
  /** Syntax errors. */
  readonly problems: readonly Problem[];
  /** Finds the parts of the document in the text, also if it was translated. */
  readonly locate: Locate;
  /** Null: the text is in Weft's own format. */
  readonly translation: Translation | null;
};

/** Reads a text in either form, in steps of a few milliseconds. */
export function* readSourceSteps(text: string, format: "yaml" | "json" | "auto"): Generator<void, ReadSource, void> {
  const parsed = yield* parseSteps(text, format);
  // Without the syntax tree, which takes far more memory than the document.
  if (!isShortForm(parsed.document))
    return { document: parsed.document, problems: parsed.problems, locate: parsed.locate, translation: null };
  yield;
  const { translation, locate } = yield* translateSteps(parsed, isJsonText(text, format) ? "json" : "yaml");
  yield;
  return { document: translation.document, problems: [], locate, translation };
}

/** Reads a text in either form. */
export function readSource(text: string, format: "yaml" | "json" | "auto" = "auto"): ReadSource {
  const steps = readSourceSteps(text, format);
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

/** Adds what could not be translated to the result of compiling the rest, in the order of the text. */
export function withTranslationProblems(result: CompileResult, translation: Pick<Translation, "problems"> | null): CompileResult {
  if (!translation || translation.problems.length === 0) return result;
  const all = [...translation.problems, ...(result.ok ? [] : result.problems)];
  return { ok: false, problems: all.toSorted(byPlace).slice(0, MAX_PROBLEMS) };
}
