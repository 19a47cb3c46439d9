import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";

export const usage = `Usage: npm create weft-app FOLDER -- [options]

Creates a React application on Weft in FOLDER, whose last part is the name of the application.

Options:
  --url URL        where Weft is (default: http://127.0.0.1:4000)
  --packages DIR   folder with tarballs of @weft/client and @weft/react, which the application then uses instead of those on npm
  --help           shows this text
`;

/** What an application is created from. */
export interface Options {
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly name: string;
  /** Where Weft is, without a slash at the end. */
  readonly url: string;
  /** Paths of tarballs by package name. Empty: the packages come from npm. */
  readonly tarballs: Readonly<Record<string, string>>;
}

/** An argument that cannot be used. The message says what to do. */
export class UsageError extends Error {}

/**
 * Reads the command line.
 *
 * @returns null if the user asks for help
 * @throws UsageError
 */
export function readOptions(args: readonly string[], cwd: string): Options | null {
  const { values, positionals } = parsed(args);
  if (values.help === true) return null;
  const [target, ...others] = positionals;
  if (target === undefined || others.length > 0) throw new UsageError(`Give one folder for the application.\n\n${usage}`);
  const folder = resolve(cwd, target);
  assertEmpty(folder);
  return {
    folder,
    name: nameOf(folder),
    url: urlOf(values.url ?? "http://127.0.0.1:4000"),
    tarballs: values.packages === undefined ? {} : tarballsIn(resolve(cwd, values.packages)),
  };
}

function parsed(args: readonly string[]) {
  const options = { url: { type: "string" }, packages: { type: "string" }, help: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, { cause: error });
  }
}

function nameOf(folder: string): string {
  const name = basename(folder);
  if (/^[a-z\d~-][a-z\d._~-]*$/.test(name) && name.length <= 214) return name;
  throw new UsageError(
    `"${name}" is not a valid name for an application. Use lowercase letters, digits and hyphens, for example "my-weft-app".`,
  );
}

/** Git's folder may be there already. */
function assertEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new UsageError(`"${folder}" is a file. Choose another folder.`);
  const [first] = readdirSync(folder).filter((name) => name !== ".git");
  if (first !== undefined) throw new UsageError(`The folder "${folder}" is not empty: it contains "${first}". Choose another folder.`);
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
  throw new UsageError(`"${text}" is not a valid URL of a Weft. Use http or https, for example http://127.0.0.1:4000.`);
}

function tarballsIn(folder: string): Record<string, string> {
  const find = (name: string): [string, string] => {
    const found =
      existsSync(folder) && statSync(folder).isDirectory()
        ? readdirSync(folder).filter((file) => new RegExp(`^weft-${name}-\\d.*\\.tgz$`).test(file))
        : [];
    const [file] = found;
    if (file === undefined)
      throw new UsageError(
        `"${folder}" has no tarball of @weft/${name}. Pack it: \`npx pnpm --dir packages/${name} pack --pack-destination "${folder}"\`.`,
      );
    if (found.length > 1) throw new UsageError(`"${folder}" has several tarballs of @weft/${name}: ${found.join(", ")}. Keep one of them.`);
    return [`@weft/${name}`, join(folder, file)];
  };
  return Object.fromEntries(["client", "react"].map(find));
}
