/** Checks what steps want to run. Names of variables and paths of files can come from inputs of a run, so they are hostile. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { posix } from "node:path";

/** What a step says about its program. Its shape is that of the schema in `core/automation/types/program.ts`. */
export interface ProgramInput {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly expect?: readonly number[];
  /** Whether the program has a network. */
  readonly network?: boolean;
}

/** Variables of one program, and files of one workspace that a step can give. */
const MAX_VARIABLES = 200;
const MAX_FILES = 100;
const MAX_PATH = 512;
const MAX_DEPTH = 16;
/** The kernel's limit for one argument or variable, and room for all of them that every kernel has. */
const MAX_ARGUMENT = 128 * 1024 - 1;
const MAX_ARGUMENTS = 1024 * 1024;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Names of git's variables that say who commits. All others of git can run programs. */
const ABOUT_COMMITS = /^GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)$/;
/**
 * Variables that make programs load code, run commands, or find other programs than they should: of the dynamic linker, of shells, of interpreters,
 * of git, and of tools that start an editor, pager or shell.
 */
const REFUSED =
  /^(?:PATH|HOME|XDG_.*|IFS|ENV|CDPATH|SHELL|SHELLOPTS|BASHOPTS|BASH_.*|PS[0-4]|PROMPT_COMMAND|ZDOTDIR|LD_.*|DYLD_.*|GLIBC_TUNABLES|MALLOC_.*|GCONV_PATH|GETCONF_DIR|LOCPATH|NLSPATH|HOSTALIASES|RESOLV_HOST_CONF|RES_OPTIONS|LOCALDOMAIN|TERMINFO.*|TERMCAP|NODE_OPTIONS|NODE_PATH|NODE_REPL_.*|PYTHON.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|LUA_.*|PHPRC|PHP_INI_SCAN_DIR|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|CLASSPATH|MAVEN_OPTS|GRADLE_OPTS|GIT_.*|SSH_.*|EDITOR|VISUAL|PAGER|MANPAGER|BROWSER|LESSOPEN|LESSCLOSE|AWKPATH|AWKLIBPATH|MAKEFLAGS|MAKEFILES|MFLAGS|TAR_OPTIONS|GREP_OPTIONS|OPENSSL_CONF|OPENSSL_MODULES|OPENSSL_ENGINES|NPM_CONFIG_.*|npm_config_.*|PIP_.*|CURL_HOME|WGETRC|VIMINIT|EXINIT|MYVIMRC|INPUTRC|LESSKEY.*|DOTNET_STARTUP_HOOKS|COR(?:ECLR)?_.*|GO(?:FLAGS|PATH|ROOT|TOOLCHAIN|PROXY|ENV)|CGO_.*|RUST.*|CARGO.*|R_(?:PROFILE|ENVIRON|LIBS|HOME).*|ERL_.*|ELIXIR_.*|CC|CXX|LD|AR|GCC_.*|COMPILER_PATH|LIBRARY_PATH|CMAKE_.*|ANSIBLE_.*|DOCKER_CONFIG|KUBECONFIG|AWS_CONFIG_FILE|NETRC)$/;

/** Where commands are found, in order. */
const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Returns what is wrong with the input, or null. */
export function problemOf({ env = {}, stdin = "", files = {} }: ProgramInput, workspaceBytes: number): string | null {
  return (
    problemOfVariables(env) ?? problemOfFiles(files, workspaceBytes) ?? (stdin.isWellFormed() ? null : "The stdin is not valid Unicode.")
  );
}

/** Returns what is wrong with the arguments of a program and its variables together, or null. */
export function problemOfArguments(command: readonly string[], env: Readonly<Record<string, string>>): string | null {
  if (command.some((argument) => argument.includes("\0"))) return "An argument contains a NUL character.";
  if (command.some((argument) => Buffer.byteLength(argument) > MAX_ARGUMENT)) return `An argument is longer than ${MAX_ARGUMENT} bytes.`;
  const all = [...command, ...Object.entries(env).map((entry) => entry.join("="))];
  const bytes = all.reduce((sum, one) => sum + Buffer.byteLength(one) + 9, 0);
  return bytes > MAX_ARGUMENTS
    ? `The arguments and variables have ${bytes} bytes; the maximum is ${MAX_ARGUMENTS}. Use stdin or files.`
    : null;
}

function problemOfVariables(env: Readonly<Record<string, string>>): string | null {
  const entries = Object.entries(env);
  if (entries.length > MAX_VARIABLES) return `There are ${entries.length} variables; the maximum is ${MAX_VARIABLES}.`;
  for (const [name, value] of entries) {
    const shown = JSON.stringify(name.slice(0, 100));
    if (!VARIABLE.test(name)) return `env: ${shown} is not a name of a variable. Use letters, digits and underscores.`;
    if (REFUSED.test(name) && !ABOUT_COMMITS.test(name)) return `env: ${shown} cannot be set, because it changes which code programs run.`;
    if (value.includes("\0")) return `env: the value of ${shown} contains a NUL character.`;
    if (Buffer.byteLength(value) + name.length + 1 > MAX_ARGUMENT)
      return `env: the value of ${shown} is longer than ${MAX_ARGUMENT} bytes.`;
  }
  return null;
}

function problemOfFiles(files: Readonly<Record<string, string>>, workspaceBytes: number): string | null {
  const paths = Object.keys(files);
  if (paths.length > MAX_FILES) return `There are ${paths.length} files; the maximum is ${MAX_FILES}.`;
  const known = new Set(paths);
  for (const path of paths) {
    const shown = JSON.stringify(path.slice(0, 100));
    const segments = path.split("/");
    const isOdd = /[\p{Cc}\\]/u.test(path) || !path.isWellFormed() || Buffer.byteLength(path) > MAX_PATH || segments.length > MAX_DEPTH;
    if (isOdd || segments.some((one) => one === "" || one === "." || one === ".." || Buffer.byteLength(one) > 255))
      return `files: ${shown} is not a relative path in the workspace.`;
    const parent = segments.map((_, depth) => segments.slice(0, depth).join("/")).find((folder) => known.has(folder));
    if (parent !== undefined) return `files: ${shown} is in ${JSON.stringify(parent.slice(0, 100))}, which is a file.`;
  }
  const bytes = Object.values(files).reduce((sum, content) => sum + Math.ceil(Buffer.byteLength(content) / 4096) * 4096, 0);
  return bytes > workspaceBytes ? `The files have ${bytes} bytes; the workspace holds ${workspaceBytes}.` : null;
}

/** The absolute path of a command in the sandbox, which has the programs of the system only. Null: there is none. */
export function findCommand(command: string): string | null {
  if (command.includes("\0")) return null;
  if (!command.includes("/")) return folders.map((folder) => `${folder}/${command}`).find(isProgram) ?? null;
  const path = posix.normalize(command);
  return folders.includes(posix.dirname(path)) && isProgram(path) ? path : null;
}

/**
 * Whether a profile's list of commands allows a program. Lists contain names (`git`), or absolute paths.
 * @param path as `findCommand` returns it
 */
export const isAllowed = (path: string, commands: readonly string[] | null): boolean =>
  commands === null || commands.some((one) => findCommand(one) === path);

/** The programs that a sandbox contains, with those that their links lead to; null: all. */
export function programsOf(commands: readonly string[] | null, further: readonly string[]): readonly string[] | null {
  if (commands === null) return null;
  const found = [...commands.flatMap((one) => findCommand(one) ?? []), ...further];
  // A link can lead through /etc/alternatives, to which the sandbox has the links.
  return [...new Set(found.flatMap((path) => [path, realpathSync(path)]))].filter((path) => path.startsWith("/usr/"));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() && realpathSync(path).startsWith("/usr/");
  } catch {
    return false;
  }
}
