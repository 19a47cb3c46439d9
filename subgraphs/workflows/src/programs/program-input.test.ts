import { expect, test } from "vitest";
import { findCommand, isAllowed, problemOf, problemOfArguments } from "./program-input.js";

const WORKSPACE = 1024 * 1024;

test.each(
  [
    ["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "GCONV_PATH"],
    ["PATH", "IFS", "ENV", "BASH_ENV", "BASH_FUNC_ls", "SHELLOPTS", "BASHOPTS", "PS4", "PROMPT_COMMAND", "ZDOTDIR"],
    ["NODE_OPTIONS", "PYTHONPATH", "PYTHONSTARTUP", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "CLASSPATH"],
    ["GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_EXTERNAL_DIFF", "EDITOR", "PAGER", "LESSOPEN", "MAKEFLAGS", "npm_config_script_shell"],
    ["HOME", "XDG_CONFIG_HOME", "CURL_HOME", "WGETRC", "VIMINIT", "DOTNET_STARTUP_HOOKS", "CARGO_HOME", "RUSTC_WRAPPER", "GOFLAGS", "CC"],
    ["R_PROFILE_USER", "ERL_AFLAGS", "LESSKEYIN_SYSTEM"],
    ["", "1A", "A B", "A=B", "A-B", "A\0B", "A\nB", "BASH_FUNC_x%%", "x()", "() { :; }", "É", "A".repeat(200)],
  ].flat(),
)("the variable %j is refused", (name) => {
  expect(problemOf({ env: { [name]: "x" } }, WORKSPACE)).toMatch(/^env: /);
});

test.each(["NAME", "_name", "A1", "HOMES", "LANG", "TZ", "GIT_AUTHOR_NAME", "API_TOKEN", "PATHS", "MY_PATH", "toString"])(
  "the variable %s can be set to anything but NUL",
  (name) => {
    expect(problemOf({ env: { [name]: "$(id); `id`\n() { :; }; id" } }, WORKSPACE)).toBeNull();
    expect(problemOf({ env: { [name]: "a\0b" } }, WORKSPACE)).toMatch(/NUL/);
  },
);

test.each(
  [
    ["", "/", "/etc/passwd", "//x", "a//b", "a/", "/a", ".", "..", "./a", "a/.", "a/..", "../a", "a/../../b", "a/./b"],
    [
      "a\0b",
      "a\nb",
      "a\rb",
      "a\\..\\b",
      "\u0007",
      "\u009b",
      "\ud800",
      "a".repeat(256),
      "a/".repeat(20) + "b",
      `${"ab/".repeat(15)}${"c".repeat(254)}${"d".repeat(254)}`,
    ],
  ].flat(),
)("the path %j is refused", (path) => {
  expect(problemOf({ files: { [path]: "x" } }, WORKSPACE)).toMatch(/is not a relative path/);
});

test.each(["a", "a/b.txt", ".env", "...", "..a", "a..", "-rf", "--flag", "a b", "$(id)", "é/ü", "*"])("the path %j is accepted", (path) => {
  expect(problemOf({ files: { [path]: "x" } }, WORKSPACE)).toBeNull();
});

test("a file cannot be in another file", () => {
  expect(problemOf({ files: { a: "x", "a/b": "x" } }, WORKSPACE)).toMatch(/is in "a"/);
  expect(problemOf({ files: { "a/b": "x", ab: "x" } }, WORKSPACE)).toBeNull();
});

test("variables, files and arguments have limits", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`N${index}`, "x"]));
  expect(problemOf({ env: many(200), files: many(100) }, WORKSPACE)).toBeNull();
  expect(problemOf({ env: many(201) }, WORKSPACE)).toMatch(/maximum is 200/);
  expect(problemOf({ files: many(101) }, WORKSPACE)).toMatch(/maximum is 100/);
  expect(problemOf({ files: { a: "x".repeat(WORKSPACE + 1) } }, WORKSPACE)).toMatch(/workspace holds/);
  expect(problemOf({ env: { A: "€".repeat(50_000) } }, WORKSPACE)).toMatch(/longer than/);
  expect(problemOfArguments(["/usr/bin/true", "€".repeat(50_000)], {})).toMatch(/longer than/);
  expect(problemOfArguments(["/usr/bin/true", ...Array<string>(20).fill("x".repeat(60_000))], {})).toMatch(/Use stdin or files/);
  expect(problemOfArguments(["/usr/bin/true", "a\0b"], {})).toMatch(/NUL/);
  expect(problemOfArguments(["/usr/bin/true", "--", "-x"], { A: "1" })).toBeNull();
});

test.runIf(process.platform === "linux")("commands are programs of the system only", () => {
  expect(findCommand("sh")).toMatch(/^\/usr\/(?:local\/)?s?bin\/sh$/);
  expect(findCommand("/bin/sh")).toBe("/bin/sh");
  for (const one of [
    "",
    ".",
    "..",
    "no-such-program",
    "./sh",
    "bin/sh",
    "../bin/sh",
    "/etc/passwd",
    "/usr/bin",
    "/proc/self/exe",
    "/usr/bin/../../etc/passwd",
    "sh\0",
    "sh ",
  ])
    expect(findCommand(one), one).toBeNull();
});

test.runIf(process.platform === "linux")("a list of commands allows these only, by whatever path they are called", () => {
  const path = (command: string): string => findCommand(command) ?? "";
  expect(isAllowed(path("cat"), ["cat"])).toBe(true);
  expect(isAllowed(path("sh"), ["cat"])).toBe(false);
  expect(isAllowed(path("sh"), [])).toBe(false);
  expect(isAllowed(path("sh"), null)).toBe(true);
});
