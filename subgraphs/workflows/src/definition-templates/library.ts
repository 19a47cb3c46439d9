/**
 * The template library: definitions that ship with Weft, in `examples`. It is the same for all tenants and has no rows; an imported template is a
 * definition like any other.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { compiledTextSteps, type Machine } from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { Computing } from "@weft/platform/computing";
import { DefinitionTemplateCategory } from "./template-category.js";

const { AUTOMATION, FACILITIES, FINANCE, INCIDENTS, PEOPLE, PROJECTS, PURCHASING } = DefinitionTemplateCategory;

/** A file of the library: its folder in `examples` and its name there, without the extension. */
export type LibraryFile = {
  readonly folder: "definitions" | "automations";
  readonly name: string;
  readonly category: DefinitionTemplateCategory;
};

const inFolder =
  (folder: LibraryFile["folder"]) =>
  ([name, category]: readonly [string, DefinitionTemplateCategory]): LibraryFile => ({ folder, name, category });

/** In the order of the library. A definition comes after those that it starts. */
export const libraryFiles: readonly LibraryFile[] = [
  ...(
    [
      ["maintenance-request", FACILITIES],
      ["purchase-approval", PURCHASING],
      ["vendor-onboarding", PURCHASING],
      ["contract-approval", PURCHASING],
      ["scope-change-approval", PROJECTS],
      ["leave-request", PEOPLE],
      ["incident", INCIDENTS],
      ["loan-underwriting", FINANCE],
      ["asset-decommission", FACILITIES],
      ["inspection", FACILITIES],
      ["project", PROJECTS],
      ["project-phase", PROJECTS],
      ["phased-project", PROJECTS],
      ["milestone-approval", PROJECTS],
      ["compliance-review", PEOPLE],
    ] as const
  ).map(inFolder("definitions")),
  ...(
    [
      ["hello", AUTOMATION],
      ["check-status-page", AUTOMATION],
      ["restore-website", AUTOMATION],
      ["deploy-website", AUTOMATION],
      ["announce-website", AUTOMATION],
      ["deploy-application", AUTOMATION],
      ["answer-enquiry", AUTOMATION],
    ] as const
  ).map(inFolder("automations")),
];

const examples = new URL("../../../../examples/", import.meta.url);

/** Returns the text of a file of the library. */
export const readLibraryFile = ({ folder, name }: Pick<LibraryFile, "folder" | "name">): Promise<string> =>
  readFile(new URL(`${folder}/${name}.yaml`, examples), "utf8");

/** A template, read and compiled. The machine knows no tenant, so it accepts every role. */
export type LibraryTemplate = {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly category: DefinitionTemplateCategory;
  /** Fingerprint of the text. */
  readonly version: string;
  readonly source: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly machine: Machine;
};

let library: Promise<readonly LibraryTemplate[]> | undefined;

/** Returns all templates. The first call reads the files; they do not change while the process runs. */
export function loadLibrary(): Promise<readonly LibraryTemplate[]> {
  library ??= readLibrary().catch((error: unknown) => {
    library = undefined;
    throw error;
  });
  return library;
}

async function readLibrary(): Promise<readonly LibraryTemplate[]> {
  // No tenant wrote these texts, so none spends its computing time on them.
  const computing = Computing.inBackground("the template library");
  const read: LibraryTemplate[] = [];
  for (const file of libraryFiles) read.push(await loadTemplate(computing, file));
  return read;
}

async function loadTemplate(computing: Computing, file: LibraryFile): Promise<LibraryTemplate> {
  const source = await readLibraryFile(file);
  const { result, document } = await computing.runAll(compiledTextSteps(source, "YAML"));
  if (!result.ok) throw new Error(`The template ${file.name} is invalid: ${result.problems[0]?.message ?? ""}`);
  const { machine } = result;
  const version = createHash("sha256").update(source).digest("hex").slice(0, 12);
  const { key, name, description } = machine;
  return {
    key,
    name,
    description: description ?? "",
    category: file.category,
    version,
    source,
    document: document as Record<string, unknown>,
    machine,
  };
}

/** @throws NotFound */
export async function getTemplate(key: string): Promise<LibraryTemplate> {
  const found = (await loadLibrary()).find((template) => template.key === key);
  if (!found) throw new NotFound("Template", key);
  return found;
}
