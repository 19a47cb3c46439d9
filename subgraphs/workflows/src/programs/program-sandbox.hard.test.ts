import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer as createWebsite, type IncomingMessage, type Server as Website } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgramLimits } from "@weft/engine";
import { createLogger } from "@weft/platform/logging";
import { afterAll, beforeAll, expect, test } from "vitest";
import { programNetwork } from "./program-network.js";
import { type Program, type ProgramEnd, SCRIPT_PATH } from "./program.js";
import type { NetworkLimits } from "./runner-network.js";
import { checkedCalls, refusedCalls } from "./system-calls.js";
import { openProgramSandbox, type ProgramSandbox } from "./program-sandbox.js";

let sandbox: ProgramSandbox;
let outside: Server;
let port: number;
let calls = 0;
/** A server that programs with a network may reach. */
let website: Website;
let sitePort: number;
const asked: IncomingMessage[] = [];
let folder: string;
/** A socket of the machine without a file. */
let abstract: ReturnType<typeof spawn>;
const abstractName = `weft-outside-${process.pid}`;

beforeAll(async () => {
  sandbox = await openProgramSandbox({ config: { sandbox: "bubblewrap" }, log: createLogger({ logLevel: "silent", logFormat: "json" }) });
  // Where it is missing, these tests fail: `apt-get install bubblewrap`.
  if (!sandbox.check.isUsable) throw new Error(sandbox.check.reason);
  if (sandbox.check.networkProblem !== null) throw new Error(sandbox.check.networkProblem);
  outside = createServer((socket) => {
    calls++;
    socket.destroy();
  });
  outside.listen(0, "0.0.0.0");
  await once(outside, "listening");
  ({ port } = outside.address() as AddressInfo);
  const listen =
    "import socket,sys,time; s=socket.socket(socket.AF_UNIX); s.bind(chr(0)+sys.argv[1]); s.listen(); print('up', flush=True); time.sleep(600)";
  website = createWebsite((request, response) => {
    asked.push(request);
    if (request.url === "/away") response.writeHead(302, { location: `http://private.example:${port}/` }).end();
    else if (request.url === "/flood") response.end(Buffer.alloc(3_000_000));
    else request.resume().on("end", () => response.end("welcome"));
  });
  website.listen(0, "127.0.0.1");
  await once(website, "listening");
  sitePort = (website.address() as AddressInfo).port;
  abstract = spawn("python3", ["-c", listen, abstractName], { stdio: ["ignore", "pipe", "ignore"] });
  if (abstract.stdout) await once(abstract.stdout, "data");
  victim = spawn("sleep", ["600"], { stdio: "ignore" });
  folder = await mkdtemp(join(tmpdir(), "weft-outside-"));
  await writeFile(join(folder, "secret"), "the secret of the machine", { mode: 0o666 });
});
afterAll(async () => {
  outside?.close();
  website?.close();
  for (const process of [abstract, victim]) {
    if (!process) continue;
    const gone = once(process, "exit");
    process.kill();
    await gone;
  }
  if (folder) await rm(folder, { recursive: true });
});

const LIMITS: ProgramLimits = {
  memoryMb: 512,
  processorSeconds: 60,
  wallSeconds: 20,
  outputKb: 256,
  workspaceMb: 256,
  files: 10_000,
  processes: 64,
  network: false,
};

type Given = Partial<Omit<Program, "limits">> & { readonly limits?: Partial<ProgramLimits>; readonly signal?: AbortSignal };

const running = ({ limits = {}, signal = new AbortController().signal, ...program }: Given, seen: string[] = []): Promise<ProgramEnd> =>
  sandbox.run(
    {
      tenantId: "a",
      command: ["/usr/bin/sh", "-eu", SCRIPT_PATH],
      env: new Map(),
      stdin: "",
      files: new Map(),
      commands: null,
      network: null,
      ...program,
      limits: { ...LIMITS, ...limits },
    },
    { signal, onOutput: (_stream, text) => seen.push(text) },
  );

const shell = (script: string, given: Given = {}): Promise<ProgramEnd> => running({ script, ...given });
const python = (script: string, given: Given = {}): Promise<ProgramEnd> =>
  running({ command: ["/usr/bin/python3", SCRIPT_PATH], script, ...given });

/** Processes of the machine whose arguments contain the text. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      return readFileSync(`/proc/${id}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

/** A process with this text in its arguments and this parent: other test files have runners as well. */
const childWith = (text: string, parent: number | string): string =>
  processesWith(text).find((id) => / \(.*\) \S (\d+) /.exec(readFileSync(`/proc/${id}/stat`, "utf8"))?.[1] === String(parent)) ?? "";
const runnerOf = (parent: number): string => childWith("runner-process", parent);
const proxyOf = (runner: string): string => childWith("proxy-process", runner);

test("a program gets its arguments, variables, input and files, and says what it did", async () => {
  const end = await running({
    command: ["/usr/bin/sh", "-c", 'cat; cat a/b.txt; printf "%s|" "$0" "$@" "$NAME"; echo bad >/dev/stderr; exit 7', "x", "$(id)", "; id"],
    env: new Map([["NAME", "`id`"]]),
    stdin: "in ",
    files: new Map([["a/b.txt", "file "]]),
  });
  expect(end).toMatchObject({ stoppedBy: null, exitCode: 7, stdout: "in file x|$(id)|; id|`id`|", stderr: "bad\n" });
});

test("what a program writes is passed on while it runs", async () => {
  const seen: string[] = [];
  const aborting = new AbortController();
  const ended = running({ script: "echo first; sleep 60; echo last", limits: { wallSeconds: 100 }, signal: aborting.signal }, seen);
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(["first\n"]);
  aborting.abort();
  expect(await ended).toMatchObject({ stoppedBy: "aborted", stdout: "first\n" });
});

/**
 * Attempts to escape: what, the script, and what it says when it has failed. A script of numbers is a system call. Those that are alone have a sandbox of
 * their own; the others share one.
 */
const escapes: readonly (readonly [what: string, script: string, says: RegExp, how?: "python" | "call" | "alone"])[] = [
  ["reads the passwords of the system", "cat /etc/shadow", /No such file/],
  ["reads a file of the machine that everybody can read", "cat FOLDER/secret", /No such file/],
  ["reads the project", `ls ${process.cwd()}`, /No such file/],
  ["reads the home of root", "ls /root", /No such file/],
  [
    "reads the environment of its parents",
    "cat /proc/1/environ /proc/2/environ | tr '\\0' '\\n' | sort -u | grep -v -e ^PATH= -e ^PWD=; exit 1",
    /^(?:OLDPWD=.*\n|[A-Z]+=(?:\/tmp|weft|C.UTF-8)\n)*$/,
  ],
  ["finds processes of the machine", "cat /proc/[0-9]*/comm; exit 1", /^bwrap\n(?:sh\n|cat\n)+$/, "alone"],
  ["kills a process of the machine", "kill -9 OUTSIDE", /No such process/],
  ["kills everything that it can", "sh -c 'kill -9 -1'; echo survived", /^$/, "alone"],
  ["traces a process", "ptrace 16 1 0 0", /EPERM/, "call"],
  [
    "reaches the loopback of the machine",
    "import socket; socket.create_connection(('127.0.0.1', PORT), 3)",
    /Address family not supported/,
    "python",
  ],
  [
    "reaches the metadata of a cloud",
    "import socket; socket.create_connection(('169.254.169.254', 80), 3)",
    /Address family not supported/,
    "python",
  ],
  [
    "reaches the network by IPv6",
    "import socket; socket.create_connection(('2001:4860:4860::8888', 53), 3)",
    /Address family not supported/,
    "python",
  ],
  ["resolves a name", "import socket; socket.gethostbyname('example.com')", /gaierror/, "python"],
  [
    "sends a datagram",
    "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('10.0.0.1', 53))",
    /Address family not supported/,
    "python",
  ],
  ["opens a raw socket", "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", /Address family not supported/, "python"],
  [
    "talks to the kernel by netlink",
    "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    /Address family not supported/,
    "python",
  ],
  ["talks to the host by vsock", "import socket; socket.socket(40, socket.SOCK_STREAM)", /Address family not supported/, "python"],
  [
    "uses the cryptography of the kernel",
    "import socket; socket.socket(38, socket.SOCK_SEQPACKET)",
    /Address family not supported/,
    "python",
  ],
  [
    "finds sockets of PostgreSQL or Docker",
    "ls /run /var/run /tmp; exit 1",
    /^ls: cannot access '\/var\/run': No such file or directory\n\/run:\nstep.sh\n\n\/tmp:\n$/,
  ],
  [
    "reaches an abstract socket of the machine",
    "import socket; s=socket.socket(socket.AF_UNIX); s.connect('\\0ABSTRACT')",
    /Connection refused/,
    "python",
  ],
  ["mounts a file system", "mount 0 0 0 0 0", /EPERM/, "call"],
  ["creates a namespace", "unshare --user --map-root-user true", /Operation not permitted/],
  ["creates a namespace with clone", "clone 268435473 0 0 0 0", /EPERM/, "call"],
  ["joins a namespace", "nsenter --mount=/proc/1/ns/mnt true", /Operation not permitted/],
  ["changes its root", "chroot / true", /Operation not permitted/],
  ["becomes root", "import os; os.setuid(0)", /Invalid argument/, "python"],
  ["gets a right from a program with the setuid bit", "su root -c id < /dev/null", /su: /],
  ["keeps the setuid bit of a program of its own", "cp /usr/bin/id x; chmod 4755 x; ./x -u; exit 1", /^1000\n$/],
  ["writes to the system", "echo x > /usr/bin/x", /Read-only file system/],
  ["writes to /etc", "echo x > /etc/passwd", /Read-only file system/],
  ["replaces a folder of the root", "mv /etc /etc2", /Read-only file system/],
  ["writes to the root", "mkdir /x", /Read-only file system/],
  ["writes to /dev", "echo x > /dev/x", /Read-only file system/],
  ["makes a device", "mknod disk b 8 0", /Operation not permitted/],
  ["writes a setting of the kernel", "echo 1 > /proc/sys/kernel/core_uses_pid", /Permission denied|Read-only/],
  ["follows a symlink out of the workspace", "ln -s FOLDER out; cat out/secret", /No such file/],
  ["links a file of the system hard", "ln /usr/bin/id here", /Invalid cross-device link/],
  ["climbs out of the workspace", "cat ../../../../../../FOLDER/secret", /No such file/],
  ["climbs out by the root of a process", "cat /proc/1/root/FOLDER/secret", /No such file|Permission denied/],
  ["opens a file by its handle", "open_by_handle_at 3 0 0", /EPERM/, "call"],
  [
    "finds open files of the machine",
    "readlink /proc/self/fd/* /proc/1/fd/* > list || true; sort -u list; exit 1",
    /^(?:(?:\/tmp\/std(?:in|out|err)|\/run\/step.sh|\/workspace\/list|anon_inode:\[eventfd\])\n)+$/,
    "alone",
  ],
  ["types into a terminal", "import fcntl,os; m,s=os.openpty(); fcntl.ioctl(s, 0x5412, b'x')", /not permitted/, "python"],
  ["opens the terminal of the server", "echo x > /dev/tty", /No such device/],
  ["hides memory in a file without a name", "import os; os.memfd_create('x')", /not permitted/, "python"],
  ["hides memory in System V IPC", "ipcmk -M 1000000", /not permitted/],
  ["reads the log of the kernel", "dmesg", /not permitted/],
  ["raises its limits", "prlimit --nproc=10000 true", /not permitted/],
  ["dumps its memory to a file", "ulimit -c unlimited", /not permitted/],
  ["changes the name of the machine", "sethostname 0 1", /EPERM/, "call"],
  ["changes the time", "date -s 2020-01-01", /not permitted/],
];

/** Makes a system call, and says how it ended. */
const callScript = (text: string): string => {
  const [name = "", ...given] = text.split(" ");
  const number = { ...refusedCalls, ...checkedCalls }[name]?.[process.arch === "arm64" ? 1 : 0];
  return `import ctypes,errno,sys
c=ctypes.CDLL(None, use_errno=True)
r=c.syscall(${[number, ...given].join(", ")})
print(errno.errorcode.get(ctypes.get_errno(), "none"))
sys.exit(0 if r >= 0 else 1)`;
};

type Attempt = Pick<ProgramEnd, "stdout" | "stderr" | "exitCode">;

/** Makes the attempts one after the other in one sandbox, each in a folder of its own. */
const ATTEMPTS = `import json,os,subprocess,sys
for index, command in enumerate(json.load(sys.stdin)):
  os.mkdir("/workspace/%d" % index)
  done = subprocess.run(command, cwd="/workspace/%d" % index, stdin=subprocess.DEVNULL, capture_output=True)
  print(json.dumps({"stdout": done.stdout.decode(), "stderr": done.stderr.decode(), "exitCode": done.returncode}), flush=True)`;

let victim: ReturnType<typeof spawn>;
let shared: Promise<readonly Attempt[]> | undefined;

const scriptOf = (script: string): string =>
  script
    .replaceAll("FOLDER", folder)
    .replaceAll("PORT", String(port))
    .replaceAll("OUTSIDE", String(victim.pid))
    .replaceAll("ABSTRACT", abstractName);

const together = escapes.filter(([, , , how]) => how !== "alone");

async function attemptTogether(): Promise<readonly Attempt[]> {
  const commands = together.map(([, script, , how]) => {
    const text = scriptOf(script);
    if (how === undefined) return ["/usr/bin/sh", "-eu", "-c", text];
    return ["/usr/bin/python3", "-c", how === "call" ? callScript(text) : text];
  });
  const end = await python(ATTEMPTS, { stdin: JSON.stringify(commands), limits: { wallSeconds: 60 } });
  expect(end).toMatchObject({ stoppedBy: null, exitCode: 0, stderr: "" });
  return end.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Attempt);
}

test.for(escapes)("a program never %s", { timeout: 90_000 }, async (escape) => {
  const [, script, says, how] = escape;
  const before = calls;
  const end: Attempt | undefined =
    how === "alone" ? await shell(scriptOf(script)) : (await (shared ??= attemptTogether()))[together.indexOf(escape)];
  expect(`${end?.stderr}${end?.stdout}`).toMatch(says);
  expect(end?.stdout).not.toContain("the secret of the machine");
  expect(end?.exitCode).not.toBe(0);
  expect(calls).toBe(before);
  expect(calls).toBe(0);
  expect(victim.exitCode ?? victim.signalCode).toBeNull();
});

test("every refused system call fails", async () => {
  const numbers = Object.entries(refusedCalls).flatMap(([name, column]) => {
    const number = column[process.arch === "arm64" ? 1 : 0];
    return number === null ? [] : [[name, number] as const];
  });
  const end = await python(
    `import ctypes,json
c=ctypes.CDLL(None, use_errno=True)
def call(n):
  ctypes.set_errno(0)
  c.syscall(n, 0, 0, 0, 0, 0, 0)
  return ctypes.get_errno()
print(json.dumps({name: call(n) for name, n in json.loads('${JSON.stringify(numbers)}')}))`,
  );
  expect(JSON.parse(end.stdout)).toEqual(Object.fromEntries(numbers.map(([name]) => [name, 1])));
});

test("a program sees nothing of another one's secrets and files", async () => {
  const seen: string[] = [];
  const aborting = new AbortController();
  const script = "echo $SECRET > file; cp file /tmp/file; cp file /dev/shm/file; echo written; sleep 15";
  const first = running({ script, env: new Map([["SECRET", "planted"]]), signal: aborting.signal }, seen);
  await expect.poll(() => seen, { timeout: 15_000 }).toEqual(["written\n"]);
  const second = await shell("cat /tmp/* /dev/shm/* * /proc/*/environ 2>/dev/null | grep -a -c planted || true");
  expect(second.stdout.trim()).toBe("0");
  aborting.abort();
  expect(await first).toMatchObject({ stoppedBy: "aborted" });
  const third = await shell("cat /tmp/* /dev/shm/* * 2>/dev/null | grep -c planted || true");
  expect(third.stdout.trim()).toBe("0");
});

test("secrets of a step are in no argument of a process", async () => {
  const aborting = new AbortController();
  const ended = shell("sleep 15", {
    signal: aborting.signal,
    env: new Map([["SECRET", "planted-in-env"]]),
    stdin: "planted-in-stdin",
    files: new Map([["a", "planted-in-file"]]),
  });
  await expect.poll(() => processesWith(SCRIPT_PATH).length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(processesWith("planted-in-")).toEqual([]);
  aborting.abort();
  await ended;
});

test("a program inherits no variable of the worker", async () => {
  const end = await shell("env", { env: new Map([["A", "1"]]) });
  const names = end.stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0] ?? "");
  expect(names.sort()).toEqual(["A", "HOME", "LANG", "LOGNAME", "PATH", "PWD", "TMPDIR", "USER"]);
});

test("a program with a list of commands finds these only", async () => {
  const commands = ["/usr/bin/dash", "/usr/bin/sh", "/usr/bin/cat"];
  const end = await shell("cat /etc/passwd; /usr/bin/python3 -c 1 || echo none; id || echo none", { commands });
  expect(end).toMatchObject({ exitCode: 0 });
  expect(end.stdout).toMatch(/weft:x:1000[^]*\nnone\nnone\n$/);
});

/** What uses too much: what ends it, and the limits that it meets. */
const floods: readonly (readonly [what: string, script: string, limits: Partial<ProgramLimits>, end: object, how?: "python"])[] = [
  ["output", "yes", { outputKb: 64 }, { stoppedBy: "output" }],
  ["errors", "yes >&2", { outputKb: 64 }, { stoppedBy: "output" }],
  ["output without lines", "cat /dev/zero", { outputKb: 64 }, { stoppedBy: "output" }],
  ["memory", "x=[bytearray(b'x'*1000000) for _ in range(2000)]", { memoryMb: 100 }, { stoppedBy: "memory" }, "python"],
  ["memory at once", "x=bytearray(b'x'*1000000000)", { memoryMb: 100 }, { exitCode: 1 }, "python"],
  [
    "memory in many processes",
    "import os,time\nfor _ in range(10):\n  if os.fork()==0: x=bytearray(b'x'*30000000); time.sleep(10)\ntime.sleep(10)",
    { memoryMb: 100 },
    { stoppedBy: "memory" },
    "python",
  ],
  [
    "memory that is shared",
    "import mmap\nm=mmap.mmap(-1, 400000000)\nfor i in range(0, 400000000, 4096): m[i]=1\nimport time; time.sleep(5)",
    { memoryMb: 100 },
    { stoppedBy: "memory" },
    "python",
  ],
  [
    "memory in buffers of sockets",
    `import os,socket,time
def fill():
  kept=[]
  try:
    while True:
      kept.append(socket.socketpair())
      for one in kept[-1]:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4000000)
        one.setblocking(False)
        try:
          while True: one.send(b'x'*100000)
        except BlockingIOError: pass
  except OSError: time.sleep(10)
for _ in range(8):
  if os.fork()==0: fill()
time.sleep(10)`,
    { memoryMb: 100 },
    { stoppedBy: "memory" },
    "python",
  ],
  [
    "memory in tables of pages",
    `import ctypes,time
c=ctypes.CDLL(None)
c.mmap.restype=ctypes.c_void_p
c.mmap.argtypes=[ctypes.c_void_p,ctypes.c_size_t,ctypes.c_int,ctypes.c_int,ctypes.c_int,ctypes.c_long]
size=60*1024**3
at=c.mmap(None,size,1,0x4022,-1,0)
for i in range(0,size,2*1024**2): ctypes.c_char.from_address(at+i).value
time.sleep(10)`,
    { memoryMb: 50 },
    { stoppedBy: "memory" },
    "python",
  ],
  [
    "addresses",
    "import mmap\nmmap.mmap(-1, 65*1024**3, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE|mmap.MAP_ANONYMOUS|0x4000)",
    {},
    { exitCode: 1 },
    "python",
  ],
  [
    "processor time of processes for which nobody waits",
    `import os,signal,time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
  if os.fork()==0:
    until=time.process_time()+0.3
    while time.process_time()<until: pass
    os._exit(0)
  time.sleep(0.31)`,
    { processorSeconds: 1 },
    { stoppedBy: "processor" },
    "python",
  ],
  ["processor time", "while :; do :; done", { processorSeconds: 1 }, { stoppedBy: "processor" }],
  [
    "processor time in many processes",
    "for i in 1 2 3 4 5 6; do (while :; do :; done) & done; wait",
    { processorSeconds: 1 },
    { stoppedBy: "processor" },
  ],
  ["time", "sleep 60", { wallSeconds: 1 }, { stoppedBy: "time" }],
  ["time, whatever signals it ignores", "trap '' TERM INT HUP; while :; do sleep 60; done", { wallSeconds: 1 }, { stoppedBy: "time" }],
  ["processes", "i=0; while [ $i -lt 200 ]; do sleep 30 & i=$((i+1)); done", { processes: 20 }, { exitCode: 2 }],
  ["processes that multiply", "b() { b | b & }; b; sleep 2; sleep 60", { processes: 20, wallSeconds: 2 }, {}],
  ["disk", "head -c 20000000 /dev/zero > big", { workspaceMb: 4 }, { exitCode: 1 }],
  [
    "disk in /tmp and /dev/shm",
    "cd /dev/shm; for i in 1 2 3; do head -c 3000000 /dev/zero > /tmp/$i; head -c 3000000 /dev/zero > $i; done",
    { workspaceMb: 4 },
    { exitCode: 1 },
  ],
  ["files", "i=0; while [ $i -lt 300 ]; do : > f$i; i=$((i+1)); done", { files: 50 }, { exitCode: 2 }],
  ["open files", "import os\nwhile True: os.dup(0)", {}, { exitCode: 1 }, "python"],
  [
    "message queues",
    "import ctypes,sys; sys.exit(0 if ctypes.CDLL(None).syscall(240, b'x', 0x42, 0o600, 0)>=0 else 1)",
    {},
    { exitCode: 1 },
    "python",
  ],
];

test.for(floods)("a flood of %s is held", async ([, script, limits, expected, how]) => {
  const startedAt = performance.now();
  const end = await (how === "python" ? python(script, { limits }) : shell(script, { limits }));
  expect(end).toMatchObject(expected);
  expect(end.exitCode).not.toBe(0);
  expect(end.stdout.length + end.stderr.length).toBeLessThanOrEqual((limits.outputKb ?? 256) * 1024);
  // Far more than any of them needs, and less than what they ask for.
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});

test("nothing that a program leaves behind survives it", async () => {
  const mark = `${50_000 + Math.floor(Math.random() * 9_999)}.5`;
  const end = await shell(`setsid nohup sleep ${mark} >/dev/null 2>&1 </dev/null & sh -c 'sleep ${mark} & ' & sleep 0.3`);
  expect(end).toMatchObject({ exitCode: 0 });
  expect(processesWith(mark)).toEqual([]);
});

test("a program that is aborted ends with all its processes", async () => {
  const mark = `${60_000 + Math.floor(Math.random() * 9_999)}.5`;
  const aborting = new AbortController();
  const ended = shell(`trap '' TERM; setsid sleep ${mark} & sleep ${mark}`, { signal: aborting.signal });
  await expect.poll(() => processesWith(`sleep\0${mark}`).length, { timeout: 20_000 }).toBe(2);
  aborting.abort();
  expect(await ended).toMatchObject({ stoppedBy: "aborted" });
  expect(processesWith(mark)).toEqual([]);
});

test("a program that is aborted at any moment of its start ends", async () => {
  const mark = `${80_000 + Math.floor(Math.random() * 9_999)}.5`;
  /** Aborts some time after the start, or after bubblewrap has begun. */
  const abortedAfter = async (delayMs: number, isFromBubblewrap: boolean): Promise<void> => {
    const aborting = new AbortController();
    // The mark is an argument of bubblewrap, too, and not only of what runs in the sandbox.
    const ended = running({ command: ["/usr/bin/sleep", mark], signal: aborting.signal });
    while (isFromBubblewrap && processesWith(mark).length === 0) await new Promise((resolve) => setImmediate(resolve));
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    aborting.abort();
    expect(await ended).toMatchObject({ stoppedBy: "aborted" });
  };
  for (const delayMs of [0, 10, 40, 100]) await abortedAfter(delayMs, false);
  for (const delayMs of [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 15]) await abortedAfter(delayMs, true);
  await expect.poll(() => processesWith(mark), { timeout: 20_000 }).toEqual([]);
});

test("a program ends with its runner, whatever kills it", async () => {
  const mark = `${70_000 + Math.floor(Math.random() * 9_999)}.5`;
  const ended = shell(`setsid sleep ${mark} & sleep ${mark}`);
  await expect.poll(() => processesWith(`sleep\0${mark}`).length, { timeout: 20_000 }).toBe(2);
  process.kill(Number(runnerOf(process.pid)), "SIGKILL");
  expect(await ended).toMatchObject({ stoppedBy: "lost" });
  await expect.poll(() => processesWith(mark), { timeout: 20_000 }).toEqual([]);
});

test("the workspace leaves nothing on the machine", async () => {
  const before = readdirSync("/tmp").filter((name) => name !== ".X11-unix");
  await shell("touch /tmp/left-behind-by-a-program /workspace/left-behind-by-a-program");
  expect(existsSync("/tmp/left-behind-by-a-program")).toBe(false);
  expect(readdirSync("/tmp").filter((name) => name.includes("left-behind") && !before.includes(name))).toEqual([]);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain("/workspace");
});

test("the user of a program owns nothing on the machine", async () => {
  const mark = `15.${process.pid}`;
  const aborting = new AbortController();
  const ended = shell(`sleep ${mark}`, { signal: aborting.signal });
  await expect.poll(() => processesWith(`sleep\0${mark}`).length, { timeout: 20_000 }).toBe(1);
  const [id = ""] = processesWith(`sleep\0${mark}`);
  const [, user = ""] = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8")) ?? [];
  const mine = String(process.getuid?.());
  // Only root can become another user.
  if (mine === "0") expect(readFileSync("/etc/passwd", "utf8").replace(/^nobody:.*$/m, "")).not.toContain(`:${user}:`);
  else expect(user).toBe(mine);
  aborting.abort();
  await ended;
});

test("what a program uses is measured", async () => {
  const end = await python("import time\nx=bytearray(b'x'*50000000)\nt=time.process_time()\nwhile time.process_time()-t<0.4: pass");
  expect(end).toMatchObject({ exitCode: 0 });
  expect(end.processorMs).toBeGreaterThan(300);
  expect(end.memoryBytes).toBeGreaterThan(50_000_000);
});

/** Names that programs with a network try, and where they are. */
const addresses: Readonly<Record<string, readonly string[]>> = {
  "site.example": ["127.0.0.1"],
  "private.example": ["127.0.0.1"],
  "mixed.example": ["93.184.215.14", "10.0.0.1"],
  "metadata.example": ["169.254.169.254"],
  "mapped.example": ["::ffff:127.0.0.1"],
};

type Online = Omit<Given, "network"> & { readonly domains?: readonly string[]; readonly network?: Partial<NetworkLimits> };

/** Runs a program that may reach the website. Returns its end, and what the network has refused. */
async function online({
  domains = ["*.example"],
  network,
  ...given
}: Online): Promise<ProgramEnd & { readonly refused: readonly string[] }> {
  const refused: string[] = [];
  const resolve = (host: string): Promise<readonly string[]> => {
    const found = addresses[host];
    return found ? Promise.resolve(found) : Promise.reject(Object.assign(new Error("unknown"), { code: "ENOTFOUND" }));
  };
  const policy = { allowed: [`site.example:${sitePort}`] };
  const of = programNetwork({ policy, domains, log: (text) => refused.push(text), resolve, ...(network && { limits: network }) });
  return { ...(await running({ ...given, network: of })), refused };
}
const onlineShell = (script: string, given: Online = {}) => online({ script: script.replaceAll("PORT", String(sitePort)), ...given });
const onlinePython = (script: string, given: Online = {}) =>
  online({ command: ["/usr/bin/python3", SCRIPT_PATH], script: script.replaceAll("PORT", String(sitePort)), ...given });

test("a program with a network reaches a host that its profile lists, by requests and by tunnels", async () => {
  const end = await onlineShell(`
curl -sS http://site.example:PORT/hello -d sent
curl -sS --proxytunnel http://SITE.example.:PORT/
env | grep -i -c proxy
ls /proc/self/fd | wc -l`);
  expect(end).toMatchObject({ stderr: "", exitCode: 0, stdout: "welcomewelcome7\n4\n", refused: [], calls: 2 });
  expect(end.sentBytes).toBeGreaterThan("sent".length);
  expect(end.receivedBytes).toBeGreaterThan(2 * "welcome".length);
});

/** What programs with a network try: what, the script, what it says, and what the network says that it has refused. */
const attempts: readonly (readonly [what: string, script: string, says: RegExp, refused: readonly RegExp[], domains?: string[]])[] = [
  ["reaches a host that the profile does not list", "curl -sS http://evil.net/", /rule domains/, [/"evil.net" by the rule domains/]],
  ["opens a tunnel to a host that is not listed", "curl -sS https://evil.net/ 2>&1", /403/, [/"evil.net:443" by the rule domains/]],
  ["reaches a private address by a name", "curl -sS https://private.example/ 2>&1", /403/, [/"private.example:443" by the rule outbound/]],
  ["reaches the metadata by a name", "curl -sS https://metadata.example/ 2>&1", /403/, [/"metadata.example:443" by the rule outbound/]],
  [
    "reaches an address that is mapped to IPv6",
    "curl -sS https://mapped.example/ 2>&1",
    /403/,
    [/"mapped.example:443" by the rule outbound/],
  ],
  [
    "reaches a name with a public and a private address",
    "curl -sS https://mixed.example/ 2>&1",
    /403/,
    [/"mixed.example:443" by the rule outbound/],
  ],
  [
    "reaches an address, however it is written",
    "for at in 169.254.169.254 127.0.0.1 0x7f.1 2130706433; do curl -sS --noproxy '' -x $http_proxy -p http://$at:443/ 2>&1 || true; done",
    /^(?:.*403\n){4}$/,
    [/"169.254.169.254:443" by the rule domains/, /"127.0.0.1:443" by/, /by the rule/, /by the rule/],
  ],
  [
    "reaches an address that the profile lists",
    "curl -sS https://169.254.169.254/ 2>&1",
    /403/,
    [/"169.254.169.254:443" by the rule outbound/],
    ["169.254.169.254"],
  ],
  ["sends plain HTTP to a host that the operators have not listed", "curl -sS http://private.example/", /rule outbound/, [/Only https/]],
  ["reaches ports of other services", "curl -sS https://site.example:5432/ 2>&1", /403/, [/"site.example:5432" by the rule outbound/]],
  ["reaches the port of SSH", "curl -sS https://site.example:22/ 2>&1", /403/, [/"site.example:22" by the rule outbound/]],
  [
    "follows a redirect to a forbidden target",
    `curl -sSL http://site.example:PORT/away`,
    /rule outbound/,
    [/"private.example:\d+" by the rule outbound: Only https/],
  ],
  ["reaches a host that does not exist", "curl -sS https://nowhere.example/ 2>&1", /502/, []],
  ["resolves a name by itself", "getent hosts site.example || echo none", /^none$/m, []],
  [
    "connects by itself",
    `/usr/bin/python3 -c "
import socket
for at in ('10.0.0.1', 80), ('169.254.169.254', 80), ('93.184.215.14', 443), ('127.0.0.1', PORT):
  try: socket.create_connection(at, 3); print('connected')
  except OSError as error: print(error.errno)"`,
    // ENETUNREACH, and ECONNREFUSED on its own loopback.
    /^101\n101\n101\n111\n$/,
    [],
  ],
  [
    "opens a socket that is not one of TCP",
    `/usr/bin/python3 -c "
import socket
for kind in (2, 2, 0), (2, 3, 1), (2, 3, 6), (2, 1, 262), (2, 1, 132), (10, 1, 0), (16, 3, 0), (17, 3, 0), (40, 1, 0), (38, 5, 0):
  try: socket.socket(*kind); print('opened')
  except OSError as error: print(error.errno)
try: socket.socket(2, 1).setsockopt(6, 31, b'tls'); print('tls')
except OSError as error: print(error.errno)"`,
    /^(?:93\n){5}(?:97\n){5}92\n$/,
    [],
  ],
];

test.for(attempts)("a program with a network never %s", async ([, script, says, refused, domains]) => {
  const before = [calls, asked.length];
  const end = await onlineShell(script, domains ? { domains } : {});
  expect(end.stdout + end.stderr).toMatch(says);
  expect(end.refused).toEqual(refused.map((text) => expect.stringMatching(text) as string));
  expect(calls).toBe(before[0]);
  expect(asked.slice(before[1]).map(({ url }) => url)).toEqual(script.includes("/away") ? ["/away"] : []);
});

/** Says what the proxy answers to each of the texts, on connections of their own. */
const SPEAK = `import socket,sys,json
def speak(text):
  s=socket.create_connection(("127.0.0.1", 3128), 20)
  s.settimeout(20)
  got=b""
  try:
    # The proxy can answer, and close, before it has read all of a text.
    try: s.sendall(text.encode("latin-1"))
    except OSError: pass
    while True:
      more=s.recv(65536)
      if not more: break
      got+=more
      if got.endswith(b"welcome") or b"welcome\\r\\n0" in got: break
  except OSError: pass
  return got.decode("latin-1")
`;

test("the proxy passes no request on whose end or target is ambiguous", async () => {
  const before = asked.length;
  const site = `http://site.example:${sitePort}`;
  const texts = [
    // Both lengths, two lengths, a bad length, a bad encoding, a folded header, a header with a space, a bare line feed.
    `POST ${site}/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`,
    `POST ${site}/2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\nabcd`,
    `POST ${site}/3 HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd`,
    `POST ${site}/4 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    `GET ${site}/5 HTTP/1.1\r\nHost : x\r\n\r\n`,
    `GET ${site}/6 HTTP/1.1\nHost: x\n\n`,
    // Targets that are none of a proxy, or that name two hosts.
    "GET / HTTP/1.1\r\nHost: site.example\r\n\r\n",
    "GET ftp://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    `GET http://site.example:${sitePort}@private.example/ HTTP/1.1\r\nHost: x\r\n\r\n`,
    "CONNECT site.example HTTP/1.1\r\n\r\n",
    `CONNECT a@site.example:${sitePort} HTTP/1.1\r\n\r\n`,
    `CONNECT site.example:${sitePort}/x HTTP/1.1\r\n\r\n`,
    `CONNECT site.example:99999 HTTP/1.1\r\n\r\n`,
    // More than a header may have.
    `GET ${site}/7 HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
  ];
  const end = await onlinePython(`${SPEAK}for text in json.load(sys.stdin): print(json.dumps(speak(text)), flush=True)`, {
    stdin: JSON.stringify(texts),
    // A busy machine takes seconds for each connection.
    limits: { wallSeconds: 120 },
  });
  const answers = end.stdout.split("\n").slice(0, -1);
  for (const [index, answer] of answers.entries()) expect([index, answer]).toEqual([index, expect.stringMatching(/^"HTTP\/1.1 4\d\d /)]);
  expect({ ...end, answers: answers.length }).toMatchObject({ exitCode: 0, stderr: "", answers: texts.length });
  expect(asked.length).toBe(before);
});

test("the proxy writes the header of each request anew", async () => {
  const before = asked.length;
  const text = `GET http://site.example:${sitePort}/ HTTP/1.1\r\nHost: private.example\r\nConnection: X-Secret, content-length\r\nX-Secret: a\r\nProxy-Authorization: Basic eDp5\r\nUpgrade: websocket\r\nX-Kept: b\r\n\r\n`;
  await onlinePython(`${SPEAK}speak(sys.stdin.buffer.read().decode("latin-1"))`, { stdin: text });
  expect(asked.slice(before).map(({ headers }) => headers)).toEqual([
    { host: `site.example:${sitePort}`, "x-kept": "b", connection: "close" },
  ]);
});

test("tunnels to hosts that the operators have not listed are for TLS only", async () => {
  const decided: string[] = [];
  const network = {
    limits: { connections: 5, calls: 5, bytes: 10_000, idleMs: 20_000 },
    decide: () => Promise.resolve({ kind: "allowed", addresses: ["127.0.0.1"], isTlsOnly: true } as const),
    onRefused: (written: string, { rule, message }: { readonly rule: string; readonly message: string }) => {
      decided.push(`${written} ${rule} ${message}`);
    },
    onLost: () => undefined,
  };
  const before = asked.length;
  const script = `curl -sS --proxytunnel http://site.example:${sitePort}/ || echo failed`;
  expect(await running({ script, network })).toMatchObject({ stdout: "failed\n" });
  expect(decided).toEqual([`site.example:${sitePort} outbound Tunnels to this host are for TLS only.`]);
  expect(asked.length).toBe(before);
});

test("a program cannot use the proxy of another one, and neither can anything outside", async () => {
  const aborting = new AbortController();
  const seen: string[] = [];
  const policy = { allowed: [`site.example:${sitePort}`] };
  const network = programNetwork({
    policy,
    domains: ["site.example"],
    log: () => undefined,
    resolve: () => Promise.resolve(["127.0.0.1"]),
  });
  const first = running({ script: "echo up; sleep 60", limits: { wallSeconds: 60 }, signal: aborting.signal, network }, seen);
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(["up\n"]);
  const other = await onlineShell("curl -sS http://site.example:PORT/", { domains: ["other.example"] });
  expect(other).toMatchObject({ calls: 0, refused: [expect.stringMatching(/rule domains/)] });
  const none = await python("import socket; socket.create_connection(('127.0.0.1', 3128), 3)");
  expect(none.stderr).toMatch(/Address family not supported/);
  const direct = connect({ host: "127.0.0.1", port: 3128 });
  const [error] = (await once(direct, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
  aborting.abort();
  expect(await first).toMatchObject({ stoppedBy: "aborted" });
});

test("a flood of calls and bytes through the network is held", async () => {
  const curl = "curl -sS -o /dev/null http://site.example:PORT";
  const bytes = await onlineShell(`${curl}/flood || echo cut; ${curl}/ -w '%{http_code}'`, { network: { bytes: 1_000_000 } });
  expect(bytes.stdout).toBe("cut\n403");
  expect(bytes.receivedBytes).toBeLessThan(2_000_000);
  const full = /^The network refused "site.example:\d+" by the rule network: A program sends and receives at most 1000000 bytes/;
  expect(bytes.refused).toEqual([expect.stringMatching(full), expect.stringMatching(full)]);
  const many = await onlineShell(`for i in 1 2 3 4 5; do ${curl}/ -w '%{http_code} '; done`, { network: { calls: 3 } });
  expect(many).toMatchObject({ stdout: "200 200 200 403 403 ", calls: 3 });
});

test("a flood of requests on few connections ends at most the network, and all that the program used counts", async () => {
  const script = `import socket,threading,time
until=time.time()+4
def flood():
  while time.time()<until:
    try:
      s=socket.create_connection(("127.0.0.1", 3128), 5); s.settimeout(5)
      s.sendall(b"GET http://a.b/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"*20000)
      while s.recv(65536): pass
    except OSError: time.sleep(0.01)
threads=[threading.Thread(target=flood) for _ in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(time.process_time())`;
  const end = await onlinePython(script);
  expect(end).toMatchObject({ stoppedBy: null, exitCode: 0, stderr: "" });
  // The work of the proxy is part of it.
  expect(end.processorMs - Number(end.stdout) * 1000).toBeGreaterThan(300);
  // The proxy can bear it or not.
  expect(end.refused[0]).toMatch(/rule domains|has ended before it/);
});

test("a connection is for one request, and connections to the outside end with it", async () => {
  const before = asked.length;
  const script = `import socket
s=socket.create_connection(("127.0.0.1", 3128), 20)
s.sendall(b"GET http://site.example:PORT/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"*400)
try: print(len(s.recv(65536)))
except OSError as error: print(0)
import time; time.sleep(0.5)`;
  expect(await onlinePython(script, { network: { connections: 2 } })).toMatchObject({ stdout: "0\n", exitCode: 0, calls: 1 });
  expect(asked.length - before).toBeLessThanOrEqual(1);
  const kept = await onlineShell("curl -sS http://site.example:PORT/1 http://site.example:PORT/2 -o - -w '%{num_connects}'");
  expect(kept.stdout).toBe("welcome1welcome1");
});

test("a proxy that has ended is the end of the network, but not of the program", async () => {
  const seen: string[] = [];
  const script = `import socket,time
print("up", flush=True)
while True:
  try: socket.create_connection(("127.0.0.1", 3128), 5).close(); time.sleep(0.05)
  except OSError as error: print(error.errno); break`;
  const lost: string[] = [];
  const network = { ...programNetwork({ policy: { allowed: [] }, domains: [], log: (text) => lost.push(text) }) };
  const ended = running({ command: ["/usr/bin/python3", SCRIPT_PATH], script, network }, seen);
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["up\n"]);
  process.kill(Number(proxyOf(runnerOf(process.pid))), "SIGKILL");
  expect(await ended).toMatchObject({ stoppedBy: null, exitCode: 0, stdout: "up\n111\n" });
  expect(lost).toEqual(["The network of the program has ended before it: its proxy could not bear what the program sent."]);
});

test("what a program has used until its runner ended counts, and its proxy ends with the runner", async () => {
  const seen: string[] = [];
  const script = `import time
t=time.process_time()
while time.process_time()-t<0.4: pass
time.sleep(1); print("used", flush=True); time.sleep(60)`;
  const network = programNetwork({ policy: { allowed: [] }, domains: [], log: () => undefined });
  const ended = running({ command: ["/usr/bin/python3", SCRIPT_PATH], script, network, limits: { wallSeconds: 60 } }, seen);
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(["used\n"]);
  const runner = runnerOf(process.pid);
  const proxy = proxyOf(runner);
  expect(proxy).not.toBe("");
  process.kill(Number(runner), "SIGKILL");
  const end = await ended;
  expect(end.stoppedBy).toBe("lost");
  expect(end.processorMs).toBeGreaterThan(300);
  expect(end.memoryBytes).toBeGreaterThan(1_000_000);
  await expect.poll(() => existsSync(`/proc/${proxy}`), { timeout: 10_000 }).toBe(false);
});

test("servers that answer oddly, or speak first, harm nobody", async () => {
  const odd = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"));
  });
  const first = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("220 hello\r\n");
  });
  const ports = await Promise.all(
    [odd, first].map(async (server) => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      return (server.address() as AddressInfo).port;
    }),
  );
  const policy = { allowed: ports.map((at) => `site.example:${at}`) };
  const resolve = () => Promise.resolve(["127.0.0.1"]);
  const network = programNetwork({ policy, domains: ["site.example"], log: () => undefined, resolve });
  const script = `import socket
def ask(text, size):
  s=socket.create_connection(("127.0.0.1", 3128), 10); s.settimeout(10); s.sendall(text)
  got=b""
  while len(got)<size:
    more=s.recv(65536)
    if not more: break
    got+=more
  return got
print(ask(b"GET http://site.example:${ports[0]}/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n", 12)[:12])
print(ask(b"CONNECT site.example:${ports[1]} HTTP/1.1\\r\\n\\r\\n", 45).endswith(b"220 hello\\r\\n"))
print(ask(b"GET http://" + b"a."*150 + b"b/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n", 12)[:12])`;
  try {
    const end = await running({ command: ["/usr/bin/python3", SCRIPT_PATH], script, network });
    expect(end).toMatchObject({ exitCode: 0, stderr: "", stdout: "b'HTTP/1.1 502'\nTrue\nb'HTTP/1.1 400'\n" });
  } finally {
    for (const server of [odd, first]) server.close();
  }
});

test("connections that hang keep nobody's places, and end", async () => {
  const script = `${SPEAK}import time
kept=[]
for _ in range(30):
  s=socket.create_connection(("127.0.0.1", 3128), 20); s.sendall(b"GET http://site.exa"); kept.append(s)
time.sleep(0.3)
print(speak("GET http://site.example:PORT/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")[:12])
time.sleep(3)
print(speak("GET http://site.example:PORT/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")[:12])`;
  const end = await onlinePython(script, { network: { connections: 4, idleMs: 1000 } });
  expect(end).toMatchObject({ stdout: "\nHTTP/1.1 200\n", exitCode: 0, calls: 1 });
});

test("memory in buffers of TCP counts", async () => {
  const script = `import os,socket,time
l=socket.socket(); l.bind(("127.0.0.1", 0)); l.listen(1000)
kept=[]
for _ in range(100):
  s=socket.create_connection(l.getsockname()); s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4000000); s.setblocking(False)
  try:
    while True: s.send(b"x"*100000)
  except BlockingIOError: pass
  s.close()
time.sleep(10)`;
  expect(await onlinePython(script, { limits: { memoryMb: 64 } })).toMatchObject({ stoppedBy: "memory" });
});

test("a program with a network that is aborted at any moment of its start ends", async () => {
  for (const delayMs of [0, 30, 100, 200, 400]) {
    const aborting = new AbortController();
    const ended = onlineShell("sleep 30", { signal: aborting.signal });
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    aborting.abort();
    expect(await ended).toMatchObject({ stoppedBy: "aborted" });
  }
});
