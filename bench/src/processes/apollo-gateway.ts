// An anchor: a stock Apollo Gateway behind Apollo's standalone server, with the supergraph SUPERGRAPH, on port PORT.
import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const { SUPERGRAPH = "", PORT = "" } = process.env;
process.env["APOLLO_TELEMETRY_DISABLED"] = "true";

const gateway = new ApolloGateway({ supergraphSdl: readFileSync(SUPERGRAPH, "utf8") });
const server = new ApolloServer({ gateway, introspection: false });
await startStandaloneServer(server, { listen: { port: Number(PORT), host: "127.0.0.1" } });
