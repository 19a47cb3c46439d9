// A peer: PostGraphile 5 over Weft's tables. It connects as weft_app and sets the same context as Weft in each request's transaction, so the same
// policies apply. The caller's headers name tenant and user, without a login. DATABASE_URL and PORT say where.
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// PostGraphile is not installed with the workspace (see bench/postgraphile), and everything compiles without it. These are the parts in use.
interface Served {
  addTo(server: Server): Promise<void>;
}
interface Peer {
  readonly PostGraphileAmberPreset: object;
  readonly postgraphile: (preset: object) => { createServ(adaptor: unknown): Served };
  readonly makePgService: (options: object) => object;
  readonly jsonPgSmartTags: (tags: object) => object;
  readonly grafserv: unknown;
}

const entries = createRequire(new URL("../../postgraphile/package.json", import.meta.url));
async function load(entry: string): Promise<Peer> {
  return (await import(pathToFileURL(entries.resolve(entry)).href)) as Peer;
}
const { postgraphile } = await load("postgraphile");
const { PostGraphileAmberPreset } = await load("postgraphile/presets/amber");
const { makePgService } = await load("postgraphile/adaptors/pg");
const { jsonPgSmartTags } = await load("postgraphile/utils");
const { grafserv } = await load("postgraphile/grafserv/node");

const { DATABASE_URL: connectionString = "", PORT = "" } = process.env;

interface RequestContext {
  readonly node?: { readonly req: IncomingMessage };
}

const peer = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [
    jsonPgSmartTags({
      version: 1,
      config: {
        class: {
          // The table has no such foreign key: docs/explanation/decisions/0011-rows-that-only-transitions-write.md.
          "workflows.tasks": {
            tags: {
              foreignKey:
                "(tenant_id, instance_id) references workflows.instances (tenant_id, id)|@fieldName instance|@foreignFieldName openedTasks",
            },
          },
        },
        constraint: { "workflows.tasks.tasks_assignee_fkey": { tags: { fieldName: "assignee" } } },
      },
    }),
  ],
  pgServices: [makePgService({ connectionString, schemas: ["workflows", "identity"], poolConfig: { max: 10 } })],
  grafast: {
    context: ({ node }: RequestContext) => {
      const { "x-tenant": tenant, "x-user": user } = node?.req.headers ?? {};
      return { pgSettings: { role: "weft_app", "app.tenant_id": tenant, "app.user_id": user, "app.vendor_id": "" } };
    },
  },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
});
const server = createServer();
await peer.createServ(grafserv).addTo(server);
server.listen(Number(PORT), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
