/** Applies a change to the document of a level, as `updateConfiguration` writes it and as previews show it. */
import { suggestionFor } from "@weft/shared/texts";
import { type Problem, quote } from "@weft/shared/errors";
import { isPath, merged, without } from "./document.js";
import { configurationSettings } from "./settings.js";
import type { ConfigurationDocument } from "./settings.js";
import { maxProblems } from "./validate.js";

/** Either the whole document, or settings to set (`patch`) and to remove (`unset`, applied before). */
export interface ConfigurationChange {
  readonly patch?: unknown;
  readonly unset?: readonly string[] | null | undefined;
  readonly document?: unknown;
}

/** Returns the document after a change without `changeProblems`. */
export const changedDocument = (present: ConfigurationDocument, { patch, unset, document }: ConfigurationChange): ConfigurationDocument =>
  document ? (document as ConfigurationDocument) : merged(without(present, unset ?? []), (patch ?? {}) as ConfigurationDocument);

/** Returns the path of the changed settings in an argument `input`. */
export const rootOfChange = ({ document }: ConfigurationChange): string => (document ? "input.document" : "input.patch");

/** Returns the problems that can be found without the current document, with paths in an argument `input`. */
export function changeProblems({ patch, unset, document }: ConfigurationChange): Problem[] {
  const unknown = (unset ?? []).map((path, index) => ({ path, index })).filter(({ path }) => !isPath(path, sections));
  const problems: Problem[] = [
    ...objectProblems("input.patch", patch),
    ...objectProblems("input.document", document),
    // Computing suggestions is expensive: thousands of paths would keep the process busy for seconds.
    ...unknown.slice(0, maxProblems).map(({ path, index }) => ({ path: `input.unset.${index}`, message: noSetting(path) })),
  ];
  const isPatched = isGiven(patch) || isGiven(unset);
  if (isGiven(document) === isPatched)
    problems.unshift({ path: "input.document", message: "Provide either the whole document, or patch and unset." });
  return problems.slice(0, maxProblems);
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

const sections: ReadonlySet<string> = new Set(
  configurationSettings.flatMap(({ path }) => (path.includes(".") ? [path.slice(0, path.lastIndexOf("."))] : [])),
);

function noSetting(path: string): string {
  const known = [...sections, ...configurationSettings.map((setting) => setting.path)];
  return `The setting ${quote(path)} does not exist.${suggestionFor(path, known)}`;
}

function objectProblems(path: string, value: unknown): Problem[] {
  if (value === null || value === undefined || (typeof value === "object" && !Array.isArray(value))) return [];
  return [{ path, message: "Expected an object with settings by name." }];
}
