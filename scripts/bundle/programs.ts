/** The programs of Weft, by name of their bundle `dist/NAME.js`, and what the compiler makes of their source. */
export const programs = {
  main: "apps/standalone/dist/main.js",
  server: "apps/standalone/dist/server.js",
  demo: "apps/standalone/dist/demo.js",
  "keys-cli": "apps/standalone/dist/keys-cli.js",
  "migrate-cli": "apps/standalone/dist/migrate-cli.js",
  "privacy-cli": "apps/standalone/dist/privacy-cli.js",
  "seed-cli": "apps/standalone/dist/seed-cli.js",
  "tenant-cli": "apps/standalone/dist/tenant-cli.js",
  weft: "apps/cli/dist/main.js",
  gateway: "gateway/dist/main.js",
  identity: "subgraphs/identity/dist/main.js",
  workflows: "subgraphs/workflows/dist/main.js",
  requests: "subgraphs/requests/dist/main.js",
  vendors: "subgraphs/vendors/dist/main.js",
  audit: "subgraphs/audit/dist/main.js",
  worker: "apps/worker/dist/main.js",
  "compose-cli": "apps/standalone/dist/compose-cli.js",
  "schema-check-cli": "apps/standalone/dist/schema-check-cli.js",
  "docs-cli": "apps/standalone/dist/docs-cli.js",
  "commands-cli": "apps/cli/dist/commands-cli.js",
} as const;

export type ProgramName = keyof typeof programs;

/** Programs that write files of a checkout. They are bundled when they are needed, and belong to no installation. */
const ofCheckout: ReadonlySet<ProgramName> = new Set(["compose-cli", "schema-check-cli", "docs-cli", "commands-cli"]);

/** Returns the source of a program, from the root of the workspace. */
export const sourceOf = (name: ProgramName): string => programs[name].replace("/dist/", "/src/").replace(/\.js$/, ".ts");

export const isProgramName = (name: string): name is ProgramName => Object.hasOwn(programs, name);

/** The programs of an installation. */
export const installedPrograms: readonly ProgramName[] = Object.keys(programs)
  .filter(isProgramName)
  .filter((name) => !ofCheckout.has(name));

/** Commands of `weft` that run another program. */
const ofCommands: Readonly<Record<string, ProgramName>> = {
  start: "main",
  migrate: "migrate-cli",
  seed: "seed-cli",
  privacy: "privacy-cli",
  demo: "demo",
};

/** Returns the programs that a program starts, and itself. @param args its arguments: options can precede the command of `weft` */
export function neededBy(name: ProgramName, args: readonly string[]): ProgramName[] {
  const command = name === "weft" ? args.find((argument) => Object.hasOwn(ofCommands, argument)) : undefined;
  const started = command === undefined ? undefined : ofCommands[command];
  // The supervisor starts the server.
  return [name, ...(started ? [started] : []), ...(name === "main" || started === "main" ? (["server"] as const) : [])];
}
