import { Command, type CommanderError, Option } from "commander";
import { exitCodes } from "./cli-error.js";
import type { Io, Result } from "./io.js";
import type { SettingsSource } from "./settings/settings.js";

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly output?: string;
  readonly color?: boolean;
  readonly url?: string;
  readonly tenant?: string;
  readonly environment?: string;
}

/** Runs a command and reports its result. Void: it has written its result itself. */
export type Execute = (
  global: GlobalOptions,
  command: (io: Io, settings: SettingsSource) => Promise<Result | void> | Result,
) => Promise<void>;

const inputsHelp = "name=value, @FILE with a JSON object, or - for standard input";
/** Of the commands that have some, for their help and the reference. */
const examplesByCommand = new WeakMap<Command, readonly string[]>();

/** Returns the examples of a command, without the name of the program. */
export const examplesOf = (command: Command): readonly string[] => examplesByCommand.get(command) ?? [];

const exitCodesHelp = `
Exit codes:
  0  done
  1  the answer is no: invalid, failed, refused
  2  the command was written wrongly
  3  the server cannot be reached, or you are not logged in
  4  --wait has run out of time`;

export type ProgramFile = "main" | "migrate-cli" | "seed-cli" | "privacy-cli" | "demo";

/** The other programs of an installation. */
export interface Programs {
  /** Version of Weft. */
  readonly version: string;
  /** Runs a program in place of this one, with the arguments of its command, and returns its exit code. */
  readonly start: (program: ProgramFile, args: readonly string[]) => Promise<number>;
}

type StartProgram = (program: ProgramFile, args: readonly string[]) => Promise<void>;

/** The commands with their options and help. Each loads its code when it runs, so that help is fast. */
export function makeProgram(execute: Execute, { version, start }: Omit<Programs, "start"> & { readonly start: StartProgram }): Command {
  const program = new Command("weft")
    .description("Start Weft, validate, simulate, deploy and run workflows, and check installations of Weft.")
    .version(version, "-v, --version", "write the version")
    .option("--json", "write the result as JSON; `weft schema` has the schemas")
    .option("--output <file>", "write the result to a file")
    .option("--no-color", "write without colors, as with NO_COLOR")
    .option("--url <url>", "URL of Weft (WEFT_URL; default http://127.0.0.1:4000)")
    .option("--tenant <slug>", "organization (WEFT_TENANT)")
    .addOption(new Option("--environment <name>", "environment (WEFT_ENVIRONMENT; default PROD)").choices(["DEV", "STAGING", "PROD"]))
    .showHelpAfterError("Add --help for help.")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", exitCodesHelp)
    .exitOverride();
  const act = actions(execute);
  addSessionCommands(program, act);
  addDefinitionCommands(program, act);
  addRunCommands(program, act);
  addOperationCommands(program, act);
  addAuditCommands(program, act);
  addInstallationCommands(program, act);
  addProcessCommands(program, start);
  return program;
}

/** Adds a command with examples. */
function add(parent: Command, usage: string, description: string, examples: readonly string[]): Command {
  const command = parent
    .command(usage)
    .description(description)
    .addHelpText("after", `\nExamples:\n${examples.map((one) => `  weft ${one}`).join("\n")}`);
  examplesByCommand.set(command, examples);
  return command;
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** Runs with the options of the command itself, and with those that all have. */
const actions =
  (execute: Execute) =>
  <A extends readonly unknown[], O extends object>(
    load: () => Promise<(io: Io, settings: SettingsSource, options: O, ...args: A) => Promise<Result | void> | Result>,
  ) =>
  async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const args = given.slice(0, -2) as unknown as A;
    const run = await load();
    await execute(command.optsWithGlobals<GlobalOptions>(), (io, settings) => run(io, settings, command.opts<O>(), ...args));
  };

type Act = ReturnType<typeof actions>;

function addSessionCommands(program: Command, act: Act): void {
  add(program, "login", "Log in, and keep the session in your configuration folder.", [
    "login --url https://weft.example.com --tenant acme --user ada@acme.com",
    "login --api-key",
    "login --user ada@acme.com --password-stdin < password.txt",
  ])
    .option("--user <name>", "email address or user name (WEFT_USER)")
    .option("--password-stdin", "read the password, or the API key, from standard input; otherwise WEFT_PASSWORD, or a question")
    .option("--code <code>", "code of the second factor (WEFT_SECOND_FACTOR)")
    .option("--api-key", "log in with an API key (WEFT_API_KEY, or a question)")
    .option("--insecure", "allow http:// to another machine")
    .action(
      act(async () => {
        const [{ login }, { targetOf }] = await Promise.all([import("./commands/login.js"), import("./settings/settings.js")]);
        return (io, settings, options: Parameters<typeof login>[2]) => login(io, targetOf(settings), options);
      }),
    );
  add(program, "logout", "End the session, and delete its credentials.", ["logout"]).action(
    act(async () => {
      const [{ logout }, { targetOf }] = await Promise.all([import("./commands/login.js"), import("./settings/settings.js")]);
      return (io, settings) => logout(io, targetOf(settings));
    }),
  );
  add(program, "whoami", "Show who is logged in.", ["whoami", "whoami --json"]).action(
    act(async () => {
      const [{ whoami }, { targetOf }] = await Promise.all([import("./commands/login.js"), import("./settings/settings.js")]);
      return (io, settings) => whoami(io, targetOf(settings));
    }),
  );
}

function addDefinitionCommands(program: Command, act: Act): void {
  add(program, "validate <file...>", "Check definitions, without a server. Folders are searched for definitions.", [
    "validate deploy.yaml",
    "validate definitions/ --json --output problems.json",
    "validate deploy.yaml --remote",
  ])
    .option("--remote", "also check what only the server knows: roles, secrets, profiles, other definitions")
    .action(
      act(async () => {
        const { validate } = await import("./commands/validate.js");
        return (io, settings, options: Parameters<typeof validate>[3], paths: string[]) => validate(io, settings, paths, options);
      }),
    );
  add(program, "translate <file>", "Write the definition that a file in the short form is turned into, without a server.", [
    "translate release.yaml",
    "translate release.yaml > definitions/release.yaml",
  ]).action(
    act(async () => {
      const { translate } = await import("./commands/translate.js");
      return (io, _settings, _options, path: string) => translate(io, path);
    }),
  );
  add(program, "simulate <file>", "Show what the steps of a definition would do, without a server. Nothing is called.", [
    "simulate deploy.yaml --inputs version=1.2.3",
    "simulate deploy.yaml --inputs @inputs.json --stub 'build={\"exit_code\":1}' --stub approve=pending",
  ])
    .option("--inputs <input>", `${inputsHelp}; repeat it`, collect)
    .option(
      "--stub <stub>",
      "result of a step: STEP={…}, STEP=fail:CODE, STEP=lost, STEP=pending; STEP#2 is an attempt, STEP[0] an item",
      collect,
    )
    .option("--now <time>", "time at which it starts (default: now)")
    .action(
      act(async () => {
        const { simulate } = await import("./commands/simulate.js");
        return (io, _settings, options: Parameters<typeof simulate>[2], path: string) => simulate(io, path, options);
      }),
    );
  add(program, "deploy <file...>", "Show how definitions differ from the server's, and publish them.", [
    "deploy deploy.yaml",
    "deploy definitions/ --environment STAGING --dry-run",
    'deploy definitions/ --yes --message "Release 12"',
  ])
    .option("--yes", "do not ask")
    .option("--dry-run", "show the changes only")
    .option("--accept-warnings", "publish despite warnings, such as a missing role")
    .option("--message <text>", "reason, kept with the version")
    .action(
      act(async () => {
        const { deploy } = await import("./commands/deploy.js");
        return (io, settings, options: Parameters<typeof deploy>[3], paths: string[]) => deploy(io, settings, paths, options);
      }),
    );
}

function addRunCommands(program: Command, act: Act): void {
  add(program, "run <definition>", "Start a published definition, or publish a file to DEV, start it there, and wait for its end.", [
    "run hello-world --inputs name=Ada",
    "run hello-world.yaml",
    "run deploy --inputs @inputs.json --wait --timeout 600",
  ])
    .option("--inputs <input>", `${inputsHelp}; repeat it`, collect)
    .option("--wait", "wait for the end of the run, which decides the exit code")
    .option("--timeout <seconds>", "longest time to wait")
    .option("--idempotency-key <key>", "a repeated command with the same key starts nothing")
    .action(
      act(async () => {
        const { run } = await import("./commands/run.js");
        return (io, settings, options: Parameters<typeof run>[3], definition: string) => run(io, settings, definition, options);
      }),
    );
  add(program, "runs", "List runs, newest first.", ["runs", "runs --key deploy --status FAILED"])
    .option("--key <key>", "of this definition only")
    .option("--status <status>", "with this status only")
    .option("--limit <number>", "at most this many (1 to 100, default 20)")
    .action(
      act(async () => {
        const { runs } = await import("./commands/run.js");
        return (io, settings, options: Parameters<typeof runs>[2]) => runs(io, settings, options);
      }),
    );
  add(program, "logs <run>", "Write the log of a run.", ["logs run_01k… --follow"])
    .option("--follow", "continue until the run has ended")
    .action(
      act(async () => {
        const { logs } = await import("./commands/logs.js");
        return (io, settings, options: Parameters<typeof logs>[3], id: string) => logs(io, settings, id, options);
      }),
    );
  add(program, "cancel <run>", "Tell a run to stop.", ['cancel run_01k… --comment "Wrong version"'])
    .option("--comment <text>", "reason")
    .action(
      act(async () => {
        const { cancel } = await import("./commands/run.js");
        return (io, settings, options: Parameters<typeof cancel>[3], id: string) => cancel(io, settings, id, options);
      }),
    );
}

/** Stored operations of applications. */
function addOperationCommands(program: Command, act: Act): void {
  const operations = program.command("operations").description("Stored operations of applications.");
  add(
    operations,
    "push <file>",
    "Store the operations of a version of an application: a manifest of GraphQL Code Generator, Relay or Apollo.",
    [
      "operations push src/gql/persisted-documents.json --application field-app --label $(git rev-parse --short HEAD)",
      "operations push persisted-query-manifest.json --application field-app --environment STAGING --keep 5",
    ],
  )
    .option("--application <key>", "key of the application")
    .option("--create", "create the application if there is none with the key")
    .option("--label <text>", "what the application calls this version of itself")
    .option("--keep <number>", "retire all active versions but the newest ones (1 to 50; default: none is retired)")
    .action(
      act(async () => {
        const { pushOperations } = await import("./commands/operations.js");
        return (io, settings, options: Parameters<typeof pushOperations>[3], path: string) => pushOperations(io, settings, path, options);
      }),
    );
}

/** The audit trail. */
function addAuditCommands(program: Command, act: Act): void {
  const audit = program.command("audit").description("The audit trail.");
  add(audit, "verify <file>", "Check an export of the audit trail without a server, and name the first bad place.", [
    "audit verify audit-entries-1-5120.jsonl --keys audit-keys.json --checkpoint @checkpoint.txt",
    "audit verify audit-entries-1-5120.jsonl --keys audit-keys.json --checkpoints checkpoints.jsonl",
    "audit verify entries.csv --proof entries.proof --keys audit-keys.json --json",
  ])
    .option("--proof <file>", "the proof of the export (default: the file with .proof at its end)")
    .option("--keys <file>", "public keys of the installation, from /.well-known/audit-keys.json")
    .option("--checkpoint <text>", "signed head of the chain that was kept elsewhere, or @FILE with it")
    .option(
      "--checkpoints <path>",
      "file or directory with checkpoints that were kept elsewhere; those of other organizations are not used",
    )
    .option("--organization <id>", "the organization whose export is expected (ten_…; default: any)")
    .action(
      act(async () => {
        const { auditVerify } = await import("./commands/audit.js");
        return (io, _settings, options: Parameters<typeof auditVerify>[2], path: string) => auditVerify(io, path, options);
      }),
    );
}

/** Security profiles, settings, and the state of an installation. */
function addInstallationCommands(program: Command, act: Act): void {
  const profile = program.command("profile").description("Security profiles of automations.");
  add(profile, "show <name>", "Show what a security profile allows.", ["profile show standard"]).action(
    act(async () => {
      const { showProfile } = await import("./commands/profile.js");
      return (io, settings, _options, name: string) => showProfile(io, settings, name);
    }),
  );
  const config = program.command("config").description("Settings of the command line, or of an installation.");
  const installation = ["--installation", "settings of the installation, as its processes read them"] as const;
  const ofConfig = (name: "configShow" | "configValidate") =>
    act(async () => {
      const commands = await import("./commands/config.js");
      return (io, settings, options: { installation?: boolean }) => commands[name](io, settings, options);
    });
  add(config, "template", "Write a file of settings to start with.", [
    "config template > .weft.json",
    "config template --installation > .env",
  ])
    .option(...installation)
    .action(
      act(async () => {
        const { configTemplate } = await import("./commands/config.js");
        return (_io, _settings, options: { installation?: boolean }) => configTemplate(options);
      }),
    );
  add(config, "validate", "Check the settings.", ["config validate", "config validate --installation"])
    .option(...installation)
    .action(ofConfig("configValidate"));
  add(config, "show", "Show each setting with where it is from. Secrets are masked.", ["config show", "config show --installation"])
    .option(...installation)
    .action(ofConfig("configShow"));
  add(program, "doctor", "Check an installation on this machine, and say what to do.", ["doctor", "doctor --json"]).action(
    act(async () => {
      const { doctor } = await import("./commands/doctor.js");
      return (io, settings) => doctor(io, settings);
    }),
  );
  add(program, "check", "Test the security of an installation on this machine: settings, TLS, keys, database. Changes nothing.", [
    "check",
    "check --json --output security.json",
  ]).action(
    act(async () => {
      const { check } = await import("./commands/check.js");
      return (io) => check(io);
    }),
  );
  add(program, "schema [command]", "Write the JSON schema of the result of a command.", ["schema validate", "schema error"]).action(
    act(async () => {
      const { schema } = await import("./commands/schema.js");
      return (_io, _settings, _options, name: string | undefined) => schema(name);
    }),
  );
}

/** Commands that run another program of the installation. Its settings are variables of the environment. */
function addProcessCommands(program: Command, start: StartProgram): void {
  add(program, "start", "Start Weft in one process, with its own PostgreSQL unless DATABASE_URL is set.", ["start", "start --help"]).action(
    () => start("main", []),
  );
  add(program, "migrate [direction] [count]", "Bring the database of DATABASE_OWNER_URL to this version, or undo its last migrations.", [
    "migrate",
    "migrate down 1",
  ]).action((...given: unknown[]) =>
    start(
      "migrate-cli",
      given.filter((argument) => typeof argument === "string"),
    ),
  );
  const privacy = program.command("privacy").description("Protect the data of people in an installation.");
  add(privacy, "reapply", "Erase people again who were erased after the backup from which the database was restored.", [
    "privacy reapply",
    "privacy reapply --slug acme",
  ])
    .option("--slug <slug>", "only in this organization")
    .option("--allow-empty", "accept a list without entries, because nobody has ever been erased")
    .action(({ slug, allowEmpty = false }: { readonly slug?: string; readonly allowEmpty?: boolean }) =>
      start("privacy-cli", ["reapply", ...(slug === undefined ? [] : ["--slug", slug]), ...(allowEmpty ? ["--allow-empty"] : [])]),
    );
  add(program, "demo", "Run the story of a maintenance request against a demo that runs on PORT.", ["demo"]).action(() =>
    start("demo", []),
  );
  add(program, "seed", "Create the data of a demo, or complete it, without starting the server.", ["seed"]).action(() =>
    start("seed-cli", []),
  );
}

/** Commander has written its message. Help is no error. */
export const exitCodeOfParsing = (error: CommanderError): number => (error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
