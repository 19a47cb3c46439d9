import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Application,
  type DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
  type SignatureReflection,
  type TypeDocOptions,
} from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { packagesFingerprint } from "./fingerprint.ts";
import { publishedPackages, root } from "./sources.ts";

/** An entry point of a package: what an application imports. */
interface EntryPoint {
  /** As in an import: `@weft/client/apollo`. */
  readonly name: string;
  /** Name of its page: `client-apollo`. */
  readonly page: string;
  /** Relative to `packages/`: `client/src/apollo.ts`. */
  readonly file: string;
}

interface Manifest {
  readonly name: string;
  /** A text if it is a file other than a module. */
  readonly exports: Readonly<Record<string, string | { readonly "weft-source": string }>>;
}

/** Not in the repository; see `isBuilt` in structure.ts. */
const folder = join(root, "docs/reference/packages");
const fingerprintFile = join(folder, ".fingerprint");

const entryPoints = publishedPackages.flatMap((directory): EntryPoint[] => {
  const { name, exports } = JSON.parse(readFileSync(join(root, "packages", directory, "package.json"), "utf8")) as Manifest;
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === "string") return [];
    const inner = path.replace(/^\.\/?/, "");
    return {
      name: [name, inner].filter(Boolean).join("/"),
      page: [directory, inner].filter(Boolean).join("-"),
      file: join(directory, target["weft-source"]),
    };
  });
});

const options: TypeDocOptions & PluginOptions = {
  plugin: ["typedoc-plugin-markdown"],
  tsconfig: join(root, "docs-site/tsconfig.packages.json"),
  entryPoints: entryPoints.map(({ file }) => join(root, "packages", file)),
  basePath: join(root, "packages"),
  readme: "none",
  disableGit: true,
  disableSources: true,
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  githubPages: false,
  // Some types are only of use inside, and are named where they are used.
  validation: { notExported: false, invalidLink: true },
  logLevel: "Warn",
  groupOrder: ["Functions", "Classes", "Variables", "Interfaces", "Type Aliases"],
  outputs: [{ name: "markdown", path: folder }],
  cleanOutputDir: false,
  router: "module",
  entryFileName: "project",
  pageTitleTemplates: { module: ({ name }) => entryPoints.find(({ page }) => page === name)?.name ?? name },
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandObjects: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  propertyMembersFormat: "table",
  typeDeclarationFormat: "table",
  enumMembersFormat: "table",
  typeAliasPropertiesFormat: "table",
  tableColumnSettings: { hideDefaults: true, hideInherited: true, hideModifiers: true, hideOverrides: true, hideSources: true },
};

/**
 * Writes a page for each entry point of the packages for applications and servers, if their sources have changed: every export with
 * its documentation and types. TypeDoc reads the sources; the packages need not be compiled.
 *
 * @throws Error if the sources do not compile, or a link in their documentation leads nowhere.
 */
export async function writePackagePages(): Promise<void> {
  const fingerprint = packagesFingerprint();
  const isUpToDate = entryPoints.every(({ page }) => existsSync(join(folder, `${page}.md`)));
  if (isUpToDate && existsSync(fingerprintFile) && readFileSync(fingerprintFile, "utf8") === fingerprint) return;
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error("TypeDoc could not read the packages. Its messages are above.");
  for (const entry of project.children ?? []) entry.name = pageOf(entry);
  simplify(project);
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error("TypeDoc found mistakes in the packages. Its messages are above.");
  for (const file of readdirSync(folder)) if (file !== "index.md") rmSync(join(folder, file));
  await app.generateOutputs(project);
  rmSync(join(folder, "project.md"));
  writeFileSync(fingerprintFile, fingerprint);
}

function pageOf({ name }: DeclarationReflection): string {
  const found = entryPoints.find(({ file }) => file.replace(/(?:\/index)?\.ts$/, "") === name);
  if (found === undefined) throw new Error(`${name} is not an entry point.`);
  return found.page;
}

/** Omits what each error inherits from `WeftError`, and names parameters that are destructured. */
function simplify(project: ProjectReflection): void {
  const declared = project.getReflectionsByKind(ReflectionKind.Class) as DeclarationReflection[];
  const base = declared.find(({ name }) => name === "WeftError");
  const shared = new Set(base?.children?.map(({ name }) => name));
  for (const each of declared) {
    const inherited = each.children?.filter(({ name, inheritedFrom }) => inheritedFrom !== undefined && shared.has(name)) ?? [];
    for (const child of inherited) project.removeReflection(child);
    // The pages are written from the groups, which keep what is removed.
    for (const group of each.groups ?? [])
      group.children = group.children.filter((child) => !inherited.includes(child as DeclarationReflection));
    if (each.groups) each.groups = each.groups.filter(({ children }) => children.length > 0);
  }
  for (const signature of project.getReflectionsByKind(ReflectionKind.SomeSignature) as SignatureReflection[]) {
    const unnamed = signature.parameters?.filter(({ name }) => name === "__namedParameters") ?? [];
    for (const [index, parameter] of unnamed.entries()) parameter.name = index === 0 ? "options" : `options${index + 1}`;
  }
}
