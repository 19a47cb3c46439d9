/** The programs of Weft, by name of their bundle: `dist/NAME.js` is made from this built file. */
export const programs = {
  main: "apps/standalone/dist/main.js",
  server: "apps/standalone/dist/server.js",
  demo: "apps/standalone/dist/demo.js",
  "keys-cli": "apps/standalone/dist/keys-cli.js",
  "migrate-cli": "apps/standalone/dist/migrate-cli.js",
  "tenant-cli": "apps/standalone/dist/tenant-cli.js",
  weft: "apps/cli/dist/main.js",
  gateway: "gateway/dist/main.js",
  identity: "subgraphs/identity/dist/main.js",
  workflows: "subgraphs/workflows/dist/main.js",
  requests: "subgraphs/requests/dist/main.js",
  vendors: "subgraphs/vendors/dist/main.js",
  audit: "subgraphs/audit/dist/main.js",
  worker: "apps/worker/dist/main.js",
} as const;

export type ProgramName = keyof typeof programs;

export const isProgramName = (name: string): name is ProgramName => Object.hasOwn(programs, name);
