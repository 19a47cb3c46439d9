import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { until } from "../until.js";

/** An nginx in front of a server, for a single test. */
export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

/** Where Debian's packages install it, which is not on the PATH of users. */
const programs = ["nginx", "/usr/sbin/nginx"];

/**
 * Starts the machine's nginx on a free port of 127.0.0.1, with Debian's settings and buffers of its own: only `proxy_pass` is configured.
 *
 * @param locations more lines of the `location`, such as those for WebSockets
 * @throws Error if nginx is not installed or does not start
 */
export async function startNginx(upstream: string, locations: readonly string[] = []): Promise<Nginx> {
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), "weft-nginx-"));
  const file = join(folder, "nginx.conf");
  await writeFile(file, configurationOf({ folder, port, upstream, locations }));
  let said = "";
  let running: ChildProcess | undefined;
  const killOnExit = (): void => void running?.kill("SIGTERM");
  for (const program of programs) {
    running = spawn(program, ["-c", file, "-p", folder, "-g", "daemon off;"], { stdio: ["ignore", "ignore", "pipe"] });
    running.stderr?.on("data", (data: Buffer) => (said = `${said}${data.toString()}`.slice(-4_000)));
    const isStarted = await Promise.race([
      once(running, "spawn").then(
        () => true,
        () => false,
      ),
      once(running, "error").then(() => false),
    ]);
    if (isStarted) break;
    running = undefined;
  }
  if (!running) throw new Error("nginx did not start: is it installed? (`apt-get install nginx-light`, or `brew install nginx`)");
  const child = running;
  process.once("exit", killOnExit);
  const url = `http://127.0.0.1:${port}`;
  const isThere = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}:\n${said}`);
    return (await fetch(`${url}/health/live`)).ok;
  };
  await until(isThere, { what: "nginx answers" });
  return {
    url,
    stop: async () => {
      process.off("exit", killOnExit);
      if (child.exitCode === null) {
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configurationOf = ({
  folder,
  port,
  upstream,
  locations,
}: {
  readonly folder: string;
  readonly port: number;
  readonly upstream: string;
  readonly locations: readonly string[];
}): string => `
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log off;
  gzip on;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${upstream};
      ${locations.join("\n      ")}
    }
  }
}
`;
