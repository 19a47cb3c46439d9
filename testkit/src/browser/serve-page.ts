import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A small web server for tests. */
export interface PageServer {
  /** `http://127.0.0.1:<port>`, which is a different origin than Weft's. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves these files by their paths (`/` is the page) on a free port of 127.0.0.1. */
export async function servePage(files: Readonly<Record<string, string>>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    const body = files[path];
    const type = path.endsWith(".js") ? "text/javascript" : path.endsWith(".ico") ? "image/x-icon" : "text/html";
    // Chromium requests an icon automatically. A 404 would count as an error of the page.
    response.writeHead(body === undefined && type !== "image/x-icon" ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
    response.end(body ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
