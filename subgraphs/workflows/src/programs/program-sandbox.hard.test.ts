import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgramLimits } from "@weft/engine";
import { createLogger } from "@weft/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { STANDARD_PROGRAMS } from "./profile.js";
import { type Program, type ProgramEnd, SCRIPT_PATH } from "./program.js";
import { openProgramSandbox, type ProgramSandbox } from "./program-sandbox.js";

let sandbox: ProgramSandbox;
let outside: Server;
let port: number;
let calls = 0;
let folder: string;

beforeAll(async () => {
  sandbox = await openProgramSandbox({ config: { sandbox: "bubblewrap" }, log: createLogger({ logLevel: "silent", logFormat: "json" }) });
  // Where it is missing, these tests fail: `apt-get install bubblewrap`.
  expect(sandbox.check).toEqual({ isUsable: true });
  outside = createServer((socket) => {
    calls++;
    socket.destroy();
  });
  outside.listen(0, "0.0.0.0");
  await once(outside, "listening");
  ({ port } = outside.address() as AddressInfo);
  folder = await mkdtemp(join(tmpdir(), "weft-outside-"));
  await writeFile(join(folder, "secret"), "the secret of the machine", { mode: 0o666 });
});
afterAll(async () => {
  outside?.close();
  if (folder) await rm(folder, { recursive: true });
});

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
      ...program,
      limits: { ...STANDARD_PROGRAMS.limits, wallSeconds: 20, ...limits },
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
  const ended = running({ script: "echo first; sleep 2; echo last" }, seen);
  await expect.poll(() => seen, { interval: 10 }).toEqual(["first\n"]);
  await ended;
  expect(seen).toEqual(["first\n", "last\n"]);
});

/** Attempts to escape. Each script must fail, or say `held`, whatever it tries. */
const escapes: readonly (readonly [what: string, script: string, how?: "python"])[] = [
  ["reads the passwords of the system", "cat /etc/shadow"],
  ["reads a file of the machine that everybody can read", "cat FOLDER/secret"],
  ["reads the project", `ls ${process.cwd()}`],
  ["reads the home of root", "ls /root"],
  ["lists other folders of the machine", 'test "$(ls / | tr "\\n" " ")" != "bin dev etc lib lib64 proc run sbin tmp usr workspace " || { echo held; exit 1; }'],
  ["reads the environment of its parents", "cat /proc/1/environ /proc/2/environ | grep -a -i -e database -e weft_keys -e vitest"],
  ["finds processes of the machine", `test "$(ls -d /proc/[0-9]* | wc -l)" -gt 8`],
  ["finds PostgreSQL", "cat /proc/[0-9]*/comm | grep -x -e postgres -e node"],
  ["kills a process of the machine", "kill -9 OUTSIDE"],
  ["kills everything that it can", 'sh -c "kill -9 -1"; echo survived; exit 1'],
  ["traces a process", "import ctypes,sys; c=ctypes.CDLL(None,use_errno=True); sys.exit(0 if c.ptrace(16, 1, 0, 0)==0 else 1)", "python"],
  ["reaches the loopback of the machine", "import socket; socket.create_connection(('127.0.0.1', PORT), 3)", "python"],
  ["reaches the metadata of a cloud", "import socket; socket.create_connection(('169.254.169.254', 80), 3)", "python"],
  ["reaches the network by IPv6", "import socket; socket.create_connection(('2001:4860:4860::8888', 53), 3)", "python"],
  ["resolves a name", "import socket; socket.gethostbyname('example.com')", "python"],
  ["sends a datagram", "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('10.0.0.1', 53))", "python"],
  ["opens a raw socket", "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", "python"],
  ["talks to the kernel by netlink", "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)", "python"],
  ["talks to the host by vsock", "import socket; socket.socket(40, socket.SOCK_STREAM)", "python"],
  ["uses the kernel's cryptography", "import socket; socket.socket(38, socket.SOCK_SEQPACKET)", "python"],
  ["finds sockets of PostgreSQL or Docker", "ls /var/run/postgresql /run/postgresql /run/docker.sock /tmp/.s.PGSQL.5432"],
  ["reaches an abstract socket", "import socket; s=socket.socket(socket.AF_UNIX); s.connect('\\0weft-outside')", "python"],
  ["mounts a file system", "import ctypes,sys; c=ctypes.CDLL(None); sys.exit(0 if c.mount(b'none', b'/tmp', b'tmpfs', 0, b'')==0 else 1)", "python"],
  ["creates a namespace", "unshare --user --map-root-user true"],
  ["creates a namespace with clone", "import ctypes,sys; c=ctypes.CDLL(None); sys.exit(0 if c.syscall(56, 0x10000011, 0, 0, 0, 0)>=0 else 1)", "python"],
  ["joins a namespace", "nsenter --mount=/proc/1/ns/mnt true"],
  ["changes its root", "chroot / true"],
  ["becomes root with su", "echo | su -c id"],
  ["becomes another user", "import os; os.setuid(0)", "python"],
  ["gets a right from a program with the setuid bit", "cp /usr/bin/id x; chmod 4755 x; ./x -u | grep -x 0"],
  ["writes to the system", "echo x > /usr/bin/x"],
  ["writes to /etc", "echo x > /etc/passwd"],
  ["replaces a folder of the root", "mv /etc /etc2 || mkdir /x"],
  ["writes to /dev", "echo x > /dev/x"],
  ["makes a device", "mknod disk b 8 0"],
  ["writes a setting of the kernel", "echo 1 > /proc/sys/kernel/core_uses_pid"],
  ["follows a symlink out of the workspace", "ln -s FOLDER out; cat out/secret"],
  ["links a file of the system hard", "ln /usr/bin/id here"],
  ["climbs out of the workspace", "cat ../../../../../../FOLDER/secret"],
  ["climbs out by the root of a process", "cat /proc/1/root/FOLDER/secret || cat /proc/self/root/FOLDER/secret"],
  ["opens a file by its handle", "import ctypes,sys; c=ctypes.CDLL(None); sys.exit(0 if c.syscall(304, 3, 0, 0)>=0 else 1)", "python"],
  ["finds open files of the machine", "ls -l /proc/self/fd /proc/1/fd /proc/2/fd | grep -e FOLDER -e weft-test"],
  ["types into a terminal", "import fcntl,os; m,s=os.openpty(); fcntl.ioctl(s, 0x5412, b'x')", "python"],
  ["opens the terminal of the server", "echo x > /dev/tty"],
  ["reads keys of the kernel", "import ctypes,sys; c=ctypes.CDLL(None); sys.exit(0 if c.syscall(250, 0, -3, 0)>=0 else 1)", "python"],
  ["loads BPF", "import ctypes,sys; c=ctypes.CDLL(None); sys.exit(0 if c.syscall(321, 0, 0, 0)>=0 else 1)", "python"],
  ["uses io_uring", "import ctypes,sys,mmap; b=mmap.mmap(-1,4096); c=ctypes.CDLL(None,use_errno=True); c.syscall(425, 1, ctypes.c_char_p(b'x'*200)); sys.exit(0 if ctypes.get_errno()!=1 else 1)", "python"],
  ["hides memory in a file without a name", "import os; os.memfd_create('x')", "python"],
  ["hides memory in System V IPC", "ipcmk -M 1000000"],
  ["reads the log of the kernel", "dmesg"],
  ["raises its limits", "prlimit --nproc=10000 true"],
  ["raises its priority", "nice -n -20 true 2>&1 | grep -q annot && exit 1"],
  ["dumps its memory to a file", 'ulimit -c unlimited; sh -c "kill -SEGV \\$\\$"; ls core*'],
  ["changes the name of the machine", "hostname x"],
  ["changes the time", "date -s 2020-01-01"],
];

test.for(escapes)("a program never %s", async ([what, script, how]) => {
  const before = calls;
  const victim = spawn("sleep", ["60"], { stdio: "ignore" });
  const text = script.replaceAll("FOLDER", folder).replaceAll("PORT", String(port)).replaceAll("OUTSIDE", String(victim.pid));
  const end = await (how === "python" ? python(text) : shell(text));
  if (process.env["SHOW"]) console.log(JSON.stringify([what, end.exitCode, end.stdout.slice(-100), end.stderr.slice(-150)]));
  expect(end.stdout).not.toContain("the secret of the machine");
  expect(end).not.toMatchObject({ exitCode: 0 });
  expect(end.stoppedBy).toBeNull();
  expect(calls).toBe(before);
  expect(victim.exitCode ?? victim.signalCode).toBeNull();
  victim.kill();
});

test("a program sees nothing of another one's secrets and files", async () => {
  const first = shell("echo $SECRET > file; cp file /tmp/file; cp file /dev/shm/file; sleep 2", { env: new Map([["SECRET", "planted"]]) });
  const second = await shell('sleep 0.5; cat /tmp/* /dev/shm/* * /proc/*/environ 2>/dev/null | grep -a -c planted || true');
  expect(second.stdout.trim()).toBe("0");
  await first;
  const third = await shell("cat /tmp/* /dev/shm/* * 2>/dev/null | grep -c planted || true");
  expect(third.stdout.trim()).toBe("0");
});

test("secrets of a step are in no argument of a process", async () => {
  const ended = shell("sleep 2", { env: new Map([["SECRET", "planted-in-env"]]), stdin: "planted-in-stdin", files: new Map([["a", "planted-in-file"]]) });
  await expect.poll(() => processesWith(SCRIPT_PATH).length).toBeGreaterThan(0);
  expect(processesWith("planted-in-")).toEqual([]);
  await ended;
});

test("a program inherits no variable of the worker", async () => {
  const end = await shell("env", { env: new Map([["A", "1"]]) });
  const names = end.stdout.trim().split("\n").map((line) => line.split("=")[0] ?? "");
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
  ["memory that is shared", "import mmap\nm=mmap.mmap(-1, 400000000)\nfor i in range(0, 400000000, 4096): m[i]=1\nimport time; time.sleep(5)", { memoryMb: 100 }, { stoppedBy: "memory" }, "python"],
  ["processor time", "while :; do :; done", { processorSeconds: 1 }, { stoppedBy: "processor" }],
  ["processor time in many processes", "for i in 1 2 3 4 5 6; do (while :; do :; done) & done; wait", { processorSeconds: 2 }, { stoppedBy: "processor" }],
  ["time", "sleep 60", { wallSeconds: 1 }, { stoppedBy: "time" }],
  ["time, whatever signals it ignores", "trap '' TERM INT HUP; while :; do sleep 60; done", { wallSeconds: 1 }, { stoppedBy: "time" }],
  ["processes", "i=0; while [ $i -lt 200 ]; do sleep 30 & i=$((i+1)); done", { processes: 20 }, { exitCode: 2 }],
  ["processes that multiply", "b() { b | b & }; b; sleep 2; sleep 60", { processes: 20, wallSeconds: 5 }, {}],
  ["disk", "head -c 20000000 /dev/zero > big", { workspaceMb: 4 }, { exitCode: 1 }],
  ["disk in /tmp and /dev/shm", "cd /dev/shm; for i in 1 2 3; do head -c 3000000 /dev/zero > /tmp/$i; head -c 3000000 /dev/zero > $i; done", { workspaceMb: 4 }, { exitCode: 1 }],
  ["files", "i=0; while [ $i -lt 300 ]; do : > f$i; i=$((i+1)); done", { files: 50 }, { exitCode: 2 }],
  ["open files", "import os\nwhile True: os.dup(0)", {}, { exitCode: 1 }, "python"],
  ["message queues", "import ctypes,sys; sys.exit(0 if ctypes.CDLL(None).syscall(240, b'x', 0x42, 0o600, 0)>=0 else 1)", {}, { exitCode: 1 }, "python"],
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
  await expect.poll(() => processesWith(`sleep\0${mark}`).length).toBe(2);
  aborting.abort();
  expect(await ended).toMatchObject({ stoppedBy: "aborted" });
  expect(processesWith(mark)).toEqual([]);
});

test("a program ends with its runner, whatever kills it", async () => {
  const mark = `${70_000 + Math.floor(Math.random() * 9_999)}.5`;
  const ended = shell(`setsid sleep ${mark} & sleep ${mark}`);
  await expect.poll(() => processesWith(`sleep\0${mark}`).length).toBe(2);
  const [runner = ""] = processesWith("runner-process");
  process.kill(Number(runner), "SIGKILL");
  expect(await ended).toMatchObject({ stoppedBy: "lost" });
  await expect.poll(() => processesWith(mark)).toEqual([]);
});

test("the workspace leaves nothing on the machine", async () => {
  const before = readdirSync("/tmp").filter((name) => name !== ".X11-unix");
  await shell("touch /tmp/left-behind-by-a-program /workspace/left-behind-by-a-program");
  expect(existsSync("/tmp/left-behind-by-a-program")).toBe(false);
  expect(readdirSync("/tmp").filter((name) => name.includes("left-behind") && !before.includes(name))).toEqual([]);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain("/workspace");
});

test("the user of a program owns nothing on the machine", async () => {
  const ended = shell("sleep 2");
  await expect.poll(() => processesWith(`sleep\0${2}`).length).toBeGreaterThan(0);
  const [id = ""] = processesWith(`sleep\0${2}`);
  const [, user] = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8")) ?? [];
  const mine = String(process.getuid?.());
  if (mine === "0") expect(execFileSync("sh", ["-c", `getent passwd ${user} || true`], { encoding: "utf8" })).not.toContain("root");
  expect(user).not.toBe("0");
  await ended;
});

test("what a program uses is measured", async () => {
  const end = await python("import time\nx=bytearray(b'x'*50000000)\nt=time.process_time()\nwhile time.process_time()-t<0.5: pass");
  expect(end).toMatchObject({ exitCode: 0 });
  expect(end.processorMs).toBeGreaterThan(300);
  expect(end.memoryBytes).toBeGreaterThan(50_000_000);
});
