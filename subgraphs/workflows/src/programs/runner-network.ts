/**
 * The network of a program: an HTTP proxy that only its sandbox can reach. The sandbox has a network of its own with nothing but a loopback. A small
 * process enters it before the program begins, listens there, passes the listening socket to the runner, and ends. The runner passes it on to the proxy, a
 * process of its own (`proxy-process`), so that no flood of requests keeps the runner from watching, or ends it. Nothing of the proxy is in the sandbox,
 * and no other program can reach it. The worker decides about each destination; the proxy connects to the addresses of its answer only.
 *
 * The runner loads this module for programs with a network only. It imports no other module of Weft, so that it can start from its source.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Server } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** What the program wants to reach. */
export interface NetworkTarget {
  /** As it is compared: in lower case, without brackets and without the dot of the root. */
  readonly host: string;
  readonly port: number;
  /** Whether it asks for a tunnel (CONNECT), which is for TLS. */
  readonly isTunnel: boolean;
  /** As the program has written it. */
  readonly written: string;
}

/** The rule that refuses a target: of the profile, of the installation, or of the proxy. */
export type NetworkRule = "domains" | "outbound" | "network";

export interface NetworkRefusal {
  readonly rule: NetworkRule;
  readonly message: string;
}

/** Addresses that have been checked, a refusal, or neither: the host is unknown. */
export type NetworkAnswer =
  | { readonly kind: "allowed"; readonly addresses: readonly string[]; readonly isTlsOnly: boolean }
  | ({ readonly kind: "refused" } & NetworkRefusal)
  | { readonly kind: "unreachable"; readonly message: string };

export interface NetworkLimits {
  /** Connections of the program at the same time. */
  readonly connections: number;
  /** Requests and tunnels of the program. */
  readonly calls: number;
  /** Bytes in both directions. */
  readonly bytes: number;
  /** Time for the header of a request, and without any byte on a connection. */
  readonly idleMs: number;
}

/** How a runner enters the network of a sandbox. */
export interface NetworkTask {
  /** `nsenter`, as the user that has started the sandbox. */
  readonly enter: readonly string[];
  /** Descriptor at which bubblewrap waits before it starts the program. */
  readonly blockDescriptor: number;
  readonly port: number;
  readonly limits: NetworkLimits;
}

/** Time for the socket in the sandbox. */
const LISTEN_MS = 20_000;
/**
 * Runs in the network of the sandbox, as the user that has started it, before the program begins. Bubblewrap can be about to start the loopback. The
 * buffers of its sockets become as small as the runner counts them.
 */
const LISTENER = `const { writeFileSync } = require("node:fs");
for (const name of ["tcp_rmem", "tcp_wmem"]) writeFileSync("/proc/sys/net/ipv4/" + name, "4096 16384 65536");
process.once("disconnect", () => process.exit(1));
const server = require("node:net").createServer();
server.on("error", (error) => {
  if (error.code !== "EADDRNOTAVAIL") throw error;
  setTimeout(() => server.listen(Number(process.argv[1]), "127.0.0.1"), 5);
});
server.once("listening", () => process.send("listening", server, () => process.exit(0)));
server.listen(Number(process.argv[1]), "127.0.0.1");`;

/**
 * Listens in the network of a sandbox.
 * @param sandbox the process in whose user namespace the network was created, and the ID of the first process of the sandbox
 */
async function listenInside(
  { enter, port }: Pick<NetworkTask, "enter" | "port">,
  sandbox: { readonly creator: ChildProcess; readonly first: number },
): Promise<Server> {
  const [command, ...given] = [
    ...enter,
    "--preserve-credentials",
    `--user=/proc/${sandbox.creator.pid}/ns/user`,
    `--net=/proc/${sandbox.first}/ns/net`,
    "--",
    // The user cannot always find Node.js by its path, for example in a home. An open file needs none.
    "/proc/self/fd/4",
    "-e",
    LISTENER,
    String(port),
  ];
  const node = openSync(process.execPath, "r");
  const child = spawn(command, given, { cwd: "/", env: {}, stdio: ["ignore", "ignore", "inherit", "ipc", node] });
  closeSync(node);
  const end = (): void => void child.kill("SIGKILL");
  const late = setTimeout(end, LISTEN_MS);
  sandbox.creator.once("exit", end);
  try {
    return await listenerOf(child);
  } finally {
    clearTimeout(late);
    sandbox.creator.removeListener("exit", end);
  }
}

function listenerOf(child: ChildProcess): Promise<Server> {
  return new Promise((resolve, reject) => {
    child.once("message", (_message, listener) => resolve(listener as Server));
    child.once("error", reject);
    child.once("exit", () => reject(new Error("The network of the sandbox could not be entered.")));
  });
}

/** What the program has used of its network. */
export interface NetworkUse {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Sockets of the proxy that are in the network of the sandbox. */
  readonly sockets: number;
}

/** The first message to the proxy. It comes with the listening socket. */
export interface ProxyTask {
  readonly limits: NetworkLimits;
}

/** Further messages to the proxy: the answer to a message `ask`, or that the program has ended. */
export type ProxyAnswer = { readonly id: number; readonly answer: NetworkAnswer } | "end";

export type ProxyMessage =
  | { readonly kind: "ask"; readonly id: number; readonly target: NetworkTarget }
  | { readonly kind: "refused"; readonly written: string; readonly refusal: NetworkRefusal }
  /** The first one says that the proxy listens. */
  | { readonly kind: "use"; readonly use: NetworkUse };

interface ProxyOptions {
  readonly ask: (target: NetworkTarget) => Promise<NetworkAnswer>;
  /** Is told what the proxy itself refuses. */
  readonly onRefused: (written: string, refusal: NetworkRefusal) => void;
  /** Is told that the proxy has ended before the program. From then on, the program reaches nothing. */
  readonly onLost: () => void;
}

const script = fileURLToPath(new URL(`proxy-process${extname(import.meta.filename)}`, import.meta.url));
/** Time for the proxy to say what it has counted, after the program has ended. */
const END_MS = 2_000;

/** The process of a program's proxy, as its runner sees it. It ends with the runner, whatever ends that. */
export class ProxyProcess {
  readonly #child: ChildProcess;
  readonly #listening: Promise<void>;
  readonly #exit: Promise<void>;
  #use: NetworkUse = { sentBytes: 0, receivedBytes: 0, sockets: 0 };
  #isEnding = false;

  constructor({ ask, onRefused, onLost }: ProxyOptions) {
    const node = [process.execPath, "--max-old-space-size=64", script];
    this.#child = spawn("/usr/bin/setpriv", ["--pdeathsig", "KILL", "--", ...node], {
      cwd: "/",
      env: {},
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#exit = new Promise((resolve) => {
      this.#child.once("error", () => resolve());
      this.#child.once("exit", () => resolve());
    });
    let isListening = false;
    this.#listening = new Promise((resolve, reject) => {
      this.#child.on("message", (message: ProxyMessage) => {
        if (message.kind === "refused") return onRefused(message.written, message.refusal);
        if (message.kind === "ask") return void ask(message.target).then((answer) => this.#tell({ id: message.id, answer }));
        this.#use = message.use;
        if (isListening) return;
        isListening = true;
        resolve();
      });
      void this.#exit.then(() => reject(new Error("The proxy of the sandbox did not start.")));
    });
    // It is awaited later, if at all.
    this.#listening.catch(() => undefined);
    void this.#exit.then(() => {
      this.#use = { ...this.#use, sockets: 0 };
      if (isListening && !this.#isEnding) onLost();
    });
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** What was last said about it. */
  get use(): NetworkUse {
    return this.#use;
  }

  /** Listens in the network of a sandbox. Resolves when the program can begin. */
  async open(
    { limits, ...task }: Pick<NetworkTask, "enter" | "port" | "limits">,
    sandbox: Parameters<typeof listenInside>[1],
  ): Promise<void> {
    const listener = await listenInside(task, sandbox);
    const said: ProxyTask = { limits };
    await new Promise<void>((resolve, reject) => {
      this.#child.send(said, listener, (error) => (error ? reject(error) : resolve()));
    });
    // The proxy's is the only one, so that connections fail when it has ended.
    listener.close();
    await this.#listening;
  }

  /** Ends the proxy. Resolves when it has ended, with all that it has counted. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const late = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    this.#tell("end");
    await this.#exit;
    clearTimeout(late);
  }

  #tell(answer: ProxyAnswer): void {
    // It can end at any time. Its end says so.
    if (this.#child.connected) this.#child.send(answer, () => undefined);
  }
}
