import type { Flags } from "@weft/platform/flags";
import { parseAnyId } from "@weft/shared/ids";
import type { FastifyInstance } from "fastify";

/** `/flags` on the management port: every feature flag and its value, for everybody or for one tenant (`?id=ten_…&slug=acme`). */
export function flagsRoute(app: FastifyInstance, flags: Pick<Flags, "evaluateAll">): void {
  app.get<{ Querystring: { readonly id?: string; readonly slug?: string } }>("/flags", async ({ query: { id, slug } }, reply) => {
    if ((id === undefined) !== (slug === undefined))
      return reply
        .code(400)
        .send({ message: "Give both the ID and the short name of the organization: ?id=ten_…&slug=acme. Rules can use either." });
    const parsed = id === undefined ? null : parseAnyId(id);
    if (id !== undefined && parsed?.type !== "tenant")
      return reply.code(400).send({ message: "The ID is not that of an organization. Use an ID such as ten_01h455vb4pex5vsknk084sn02q." });
    const tenant = parsed && { tenantId: parsed.uuid, tenantSlug: slug ?? "" };
    return reply.header("cache-control", "no-store").send({ flags: await flags.evaluateAll(tenant) });
  });
}
