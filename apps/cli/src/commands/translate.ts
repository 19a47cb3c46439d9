import { CliError, exitCodes } from "../cli-error.js";
import { compileFile, placed, validFiles } from "../definitions/compile-file.js";
import { readDefinitionFiles } from "../definitions/files.js";
import { printable, type Io, type Result } from "../io.js";
import type { TranslationOutput } from "../output/outputs.js";
import { noteOutput } from "../output/notes.js";

/** Writes the definition that a file in the short form is turned into, with notes on its parts. Needs no server. */
export function translate(io: Io, path: string): Result<TranslationOutput> {
  const [compiled, ...others] = validFiles(readDefinitionFiles(io.cwd, [path]).map((file) => compileFile(file)));
  if (!compiled || others.length > 0) throw new CliError(`${path} is not one definition. Name a file.`, exitCodes.usage, "NO_DEFINITION");
  const { file, translation } = compiled;
  if (!translation) io.say(`${file.file} is in Weft's own format, so it stays as it is.`);
  const notes = (translation?.notes ?? []).map(noteOutput);
  for (const one of notes) {
    const { path: place, message } = placed(file.file, one);
    io.say(printable(`${place}: note: ${message}`));
  }
  const source = translation?.source ?? file.source;
  return {
    data: { file: file.file, isTranslated: translation !== null, source, notes },
    text: printable(source.replaceAll("\r\n", "\n").trimEnd()),
  };
}
