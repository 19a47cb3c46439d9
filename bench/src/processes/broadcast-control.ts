import { createServer, type Server } from "node:http";

/** Returns an HTTP server on the port PORT that passes the body of each POST request to `broadcast`. Other requests are answered with 200. */
export function controlServer(broadcast: (text: string) => void): Server {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "POST") broadcast(Buffer.concat(chunks).toString("utf8"));
      response.end();
    });
  });
  return server.listen(Number(process.env["PORT"]), "127.0.0.1");
}
