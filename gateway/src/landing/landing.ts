import { createHash } from "node:crypto";
import { demoLogins } from "@weft/shared/demo";
import type { FastifyInstance } from "fastify";
import { type GraphQLSchema, printSchema } from "graphql";
import { keptForLast } from "../federation/kept-for-last.js";
import { landingPage } from "./landing-page.js";
import { landingScript } from "./landing-script.js";
import { landingStyle } from "./landing-style.js";

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Allows our one script and one style sheet by their hashes. Nothing else runs or is loaded. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src ${hashOf(landingScript)}`,
  `style-src ${hashOf(landingStyle)}`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export interface LandingOptions {
  /** Returns the schema of the API, which changes when the supergraph is reloaded. */
  readonly schema: () => GraphQLSchema;
  /** Whether this server has the console at `/console/`. */
  readonly hasConsole: boolean;
  /** Whether this server has the documentation at `/docs/`. */
  readonly hasDocs: boolean;
  /** Whether this server has the emails of the demo at `/outbox`. */
  readonly hasOutbox: boolean;
  /** Whether this server shows received webhooks at `/receiver`. */
  readonly hasReceiver: boolean;
}

/** Serves the demo landing page with all demo logins, and the API schema as a file. Both show only what introspection shows. */
export function landingRoutes(app: FastifyInstance, { schema, ...has }: LandingOptions): void {
  app.get("/", async (request, reply) =>
    reply
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", contentSecurityPolicy)
      .header("cache-control", "no-store")
      .send(landingPage(demoLogins, { origin: `${request.protocol}://${request.host}`, ...has })),
  );
  const sdlOf = keptForLast((shown: GraphQLSchema) => `${printSchema(shown)}\n`);
  app.get("/schema.graphql", async (_request, reply) => reply.header("content-type", "text/plain; charset=utf-8").send(sdlOf(schema())));
}
