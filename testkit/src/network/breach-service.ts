import { createHash } from "node:crypto";
import { serveHttp } from "./http-server.js";

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex").toUpperCase();

/** How the service answers. */
export type BreachServiceMode = "works" | "fails" | "hangs" | "sends HTML" | "sends too much";

/** A real HTTP server with the range search of "Have I Been Pwned". */
export interface BreachService {
  /** `http://127.0.0.1:<port>/range` */
  readonly url: string;
  /** For `WEFT_OUTBOUND_ALLOWED`. */
  readonly host: string;
  mode: BreachServiceMode;
  /** Paths and padding headers of all requests. */
  readonly requests: { readonly path: string; readonly padding: string | undefined }[];
  close(): Promise<void>;
}

/** Starts a service that knows these passwords from leaks. */
export async function startBreachService(leaked: readonly string[]): Promise<BreachService> {
  const hashes = leaked.map(sha1);
  const requests: BreachService["requests"] = [];
  const server = await serveHttp((request, response) => {
    const path = request.url ?? "";
    const padding = request.headers["add-padding"];
    requests.push({ path, padding: typeof padding === "string" ? padding : undefined });
    if (service.mode === "hangs") return;
    if (service.mode === "fails") return void response.writeHead(503).end();
    if (service.mode === "sends HTML") return void response.end("<html>Sign in to the Wi-Fi</html>");
    if (service.mode === "sends too much") return void response.end(`${"0".repeat(35)}:1\r\n`.repeat(50_000));
    const prefix = path.slice("/range/".length);
    const found = hashes.filter((hash) => hash.startsWith(prefix)).map((hash) => `${hash.slice(5)}:17`);
    // Padding has the number 0, also for the hash that is asked for.
    const padded = [`${"A".repeat(35)}:0`, `${sha1(unleaked).slice(5)}:0`, ...found, `${"F".repeat(35)}:0`];
    response.end(padded.join("\r\n"));
  });
  const service: BreachService = {
    url: `${server.url}/range`,
    host: server.host,
    mode: "works",
    requests,
    close: () => server.close(),
  };
  return service;
}

/** A password whose hash occurs only as padding. */
export const unleaked = "a padded river 1234";
