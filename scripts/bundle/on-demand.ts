/**
 * CommonJS files of dependencies that load packages at their start which Weft rarely or never uses: exporters of telemetry that is off, HTTP clients
 * of data sources that Weft replaces, printers for debugging. In a bundle, these files load the packages at their first use, from node_modules.
 */
const onDemand: Readonly<Record<string, readonly string[]>> = {
  "@apollo/gateway/dist/executeQueryPlan.js": ["node-fetch"],
  "@apollo/gateway/dist/datasources/RemoteGraphQLDataSource.js": ["make-fetch-happen", "node-fetch"],
  "@apollo/gateway/dist/supergraphManagers/IntrospectAndCompose/loadServicesFromRemoteEndpoint.js": ["node-fetch"],
  "@apollo/gateway/dist/utilities/opentelemetry.js": [
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/resource-detector-alibaba-cloud",
    "@opentelemetry/resource-detector-aws",
    "@opentelemetry/resource-detector-gcp",
    "@opentelemetry/resource-detector-azure",
    "@opentelemetry/resources",
    "@opentelemetry/exporter-metrics-otlp-http",
  ],
  "@apollo/query-planner/dist/prettyFormatQueryPlan.js": ["pretty-format"],
  "@apollo/query-graphs/dist/graphviz.js": ["ts-graphviz"],
};

/** Returns the packages that the file loads on demand, or undefined. */
export const onDemandOf = (file: string): readonly string[] | undefined => onDemand[file.slice(file.lastIndexOf("/node_modules/") + 14)];

/**
 * Turns the file's `const x_1 = require("PACKAGE");`, as TypeScript emits them, into functions that load the package when they are called, and each
 * use of `x_1` into a call. The lines remain as they are.
 * @throws if the file does not load one of the packages that way. Then the list must be adapted to the dependency's new version.
 */
export function loadOnDemand(code: string, packages: readonly string[]): string {
  let changed = code;
  for (const name of packages) {
    const [before, after] = changed.split(`require("${name}")`);
    const start = /(?:^|\n)const (\w+) = ((?:__importDefault\()?)$/.exec(before ?? "");
    const end = after && /^\)?;\n/.exec(after);
    if (before === undefined || after === undefined || !start || !end)
      throw new Error(`No \`const … = require("${name}");\` found to load on demand. See scripts/bundle/on-demand.ts.`);
    const [statement, variable = "", wrapper = ""] = start;
    const loaded = `${wrapper}require("${name}")${wrapper && ")"}`;
    const uses = after.slice(end[0].length).replace(new RegExp(`\\b${variable}\\b`, "g"), `(${variable}())`);
    changed = `${before.slice(0, -statement.length)}\nlet ${variable}$; const ${variable} = () => (${variable}$ ??= ${loaded});\n${uses}`;
  }
  return changed;
}
