import { createServer } from "node:http";
import type { Database } from "@weft/shared";

/** Maximum time that the database can take to answer a probe. */
const PROBE_MS = 2_000;

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `/health/live`: the process responds. `/health/ready`: the database does too. For the container's probe. */
export async function serveHealth({ port, host, database }: { port: number; host: string; database: Database }): Promise<HealthServer> {
  const server = createServer((request, response) => {
    void answer(request.url ?? "", database).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host}:${listening}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(path: string, database: Database): Promise<{ status: number; body: object }> {
  switch (path) {
    case "/health/live":
      return { status: 200, body: { status: "healthy" } };
    case "/health/ready": {
      const reason = await databaseProblem(database);
      return reason === null
        ? { status: 200, body: { status: "healthy" } }
        : { status: 503, body: { status: "unhealthy", reasons: [reason] } };
    }
    default:
      return { status: 404, body: { status: "unknown", reasons: ["Use /health/live or /health/ready."] } };
  }
}

async function databaseProblem(database: Database): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`The database did not answer within ${PROBE_MS} ms.`), PROBE_MS);
  });
  const probe = database
    .begin(async (tx) => void (await tx.execute("select 1")), "read")
    .then(
      () => null,
      () => "Cannot connect to the database.",
    );
  const reason = await Promise.race([probe, late]);
  clearTimeout(timer);
  return reason;
}
