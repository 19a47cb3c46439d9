import { isSocketListed } from "@weft/platform/outbound";
import { type Connector, defineAction, defineConnector } from "../connector.js";
import { problemsOfDestination } from "../socket/destination.js";
import { newRows } from "./new-rows.trigger.js";
import { query } from "./query.js";
import {
  type Configuration,
  configurationSchema,
  type Credentials,
  credentialsSchema,
  inputSchema,
  outputSchema,
  type QueryInput,
} from "./schemas.js";
import { isDatabasePort, withDatabase } from "./session.js";

/** Reads from a PostgreSQL database of the tenant. */
export const postgresqlConnector: Connector = defineConnector<Configuration, Credentials>({
  key: "POSTGRESQL",
  name: "PostgreSQL",
  description: "Reads rows from a PostgreSQL database.",
  configuration: configurationSchema,
  credentials: credentialsSchema,
  problemsOf: async ({ configuration, ...allowing }) => {
    const { host, port = 5432, security } = configuration;
    const problems = await problemsOfDestination(allowing, { host, port }, isDatabasePort);
    if (security === "NONE" && !isSocketListed(allowing.policy, { host, port }))
      problems.push({
        path: "configuration.security",
        message: "Connections without TLS are only allowed to servers that the operators allow.",
      });
    return problems;
  },
  destinationOf: ({ host, port = 5432, database, security = "TLS", ca = "" }) => JSON.stringify([host, port, database, security, ca]),
  actions: [
    defineAction<QueryInput, Configuration, Credentials>({
      key: "query",
      description: "Runs a query in a read-only transaction, for at most 10 seconds.",
      input: inputSchema,
      output: outputSchema,
      // A read-only transaction changes nothing.
      isIdempotent: () => true,
      run: (context, input) => withDatabase(context, (client) => query(client, input)),
    }),
  ],
  triggers: [newRows],
  check: async (context) => {
    await withDatabase(context, async (client) => void (await client.query("select 1")));
  },
});
