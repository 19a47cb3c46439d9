import { serveHttp, type HttpServer } from "../network/http-server.js";

/** A small web server for tests. */
export type PageServer = HttpServer;

/** Serves these files by their paths (`/` is the page). The origin is a different one than Weft's. */
export const servePage = (files: Readonly<Record<string, string>>): Promise<PageServer> =>
  serveHttp((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    const body = files[path];
    const type = path.endsWith(".js") ? "text/javascript" : path.endsWith(".ico") ? "image/x-icon" : "text/html";
    // Chromium requests an icon automatically. A 404 would count as an error of the page.
    response.writeHead(body === undefined && type !== "image/x-icon" ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
    response.end(body ?? "");
  });
