import type { FastifyInstance } from "fastify";

/**
 * Serves the links of notifications, such as `/open/req_…`, if WEFT_PUBLIC_URL is the gateway's own address: the explorer opens the object with the rights
 * of the user who is logged in there. Without it, the start page says where the application is.
 */
export function openRoute(app: FastifyInstance, { hasExplorer }: { readonly hasExplorer: boolean }): void {
  app.get<{ Params: { id: string } }>("/open/:id", async ({ params: { id } }, reply) => {
    const isId = /^[a-z]{2,4}_[0-9a-z]{20,40}$/.test(id);
    return reply.header("cache-control", "no-store").redirect(hasExplorer && isId ? `/explorer?open=${id}` : "/");
  });
}
