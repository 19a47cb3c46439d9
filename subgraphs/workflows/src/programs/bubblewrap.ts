import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { type Program, SCRIPT_PATH } from "./program.js";
import type { RunnerTask } from "./runner-process.js";

/** Descriptors of the process that becomes the sandbox. Those after them are the files of the workspace. */
const ARGUMENTS = 3;
const FILTER = 4;
const INFO = 5;
const STDIN = 6;
const SCRIPT = 7;
const ACCOUNTS = 8;
const GROUPS = 9;
const HOSTS = 10;
const NAMES = 11;
const FIRST_FILE = 12;
/** After the files: the sandbox of a program with a network waits for it before the program begins. */
const blockDescriptor = ({ files }: Program): number => FIRST_FILE + files.size;

/** The user inside. It is mapped to an unprivileged user outside. */
const USER = "1000";
const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** What an environment has unless the step says otherwise. The home is not the workspace, so that no file of a step becomes a program's settings. */
const environment = { PATH: SEARCH_PATH, HOME: "/tmp", TMPDIR: "/tmp", LANG: "C.UTF-8", USER: "weft", LOGNAME: "weft" };

/** Where the proxy of a program with a network listens, on the loopback of its sandbox. */
const PROXY_PORT = 3128;
const PROXY = `http://127.0.0.1:${PROXY_PORT}`;
const NOT_PROXIED = "localhost,127.0.0.1,::1";
/** Programs know these names in upper or in lower case. Node.js reads them if the last one is set. */
const proxyEnvironment = {
  HTTP_PROXY: PROXY,
  HTTPS_PROXY: PROXY,
  NO_PROXY: NOT_PROXIED,
  http_proxy: PROXY,
  https_proxy: PROXY,
  no_proxy: NOT_PROXIED,
  NODE_USE_ENV_PROXY: "1",
};

/** Folders of the system without its programs. */
const libraries = ["lib", "lib32", "lib64", "libx32", "libexec", "share", "local/lib", "local/share"];
/** What of /etc programs need. None of it is a secret. */
const etc = ["alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "ssl/certs", "ssl/openssl.cnf", "ca-certificates"];

const OPEN_FILES = 256;
/** Far more than any program uses, although some reserve a lot: bounds the kernel's tables of it. */
const ADDRESS_BYTES = 64 * 1024 ** 3;
/** Timers and signals that wait. */
const WAITING_SIGNALS = 1024;
const STACK_BYTES = 8 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;
/** Inodes of the file system that are not the step's. */
const OWN_INODES = 20;

/**
 * Prepares the file system of the workspace, which bubblewrap cannot: with a maximum size and a maximum number of files. Standard output goes through
 * pipes, because the runner's own are sockets, and programs cannot open `/dev/stdout` if it is one. Arguments: size, files, command.
 */
const PREPARE = `set -eu
mount -t tmpfs -o "size=$1,nr_inodes=$2,mode=755,nosuid,nodev" tmpfs /tmp
cd /tmp
mkdir -p box/workspace box/tmp box/shm
cat <&${STDIN} >stdin
mkfifo stdout stderr
cat stdout ${INFO}>&- &
cat stderr ${INFO}>&- >&2 &
shift 2
exec "$@" ${STDIN}<&- <stdin >stdout 2>stderr`;

/** What the runner is to start for a program, and to watch. The secrets of the step are in descriptors, never in arguments, which others could list. */
export function bubblewrapTask(program: Program, filter: Buffer): RunnerTask {
  const { limits, command, script, files, stdin, network } = program;
  const memoryBytes = limits.memoryMb * MEGABYTE;
  const stdinBytes = Buffer.byteLength(stdin);
  const size = limits.workspaceMb * MEGABYTE + Math.ceil(stdinBytes / 4096 + 1) * 4096;
  const limited = [
    "/usr/bin/prlimit",
    `--nproc=${limits.processes}`,
    // A last resort: the runner ends the program when its processes together exceed the limit. This stops one that allocates faster than it looks.
    `--data=${memoryBytes * 2}`,
    // Another one, for a single process. The runner counts all of them.
    `--cpu=${limits.processorSeconds + 1}:${limits.processorSeconds + 2}`,
    `--as=${ADDRESS_BYTES}`,
    `--nofile=${OPEN_FILES}`,
    `--sigpending=${WAITING_SIGNALS}`,
    `--stack=${STACK_BYTES}`,
    "--core=0",
    "--msgqueue=0",
    "--memlock=65536",
    "--",
  ];
  const text = (value: string): string => Buffer.from(value).toString("base64");
  const inputs: [number, string][] = [
    [ARGUMENTS, text(`${options(program).join("\0")}\0`)],
    [FILTER, filter.toString("base64")],
    [STDIN, text(stdin)],
    ...(script === undefined ? [] : [[SCRIPT, text(script)] as [number, string]]),
    [ACCOUNTS, text(`root:x:0:0:root:/:/usr/sbin/nologin\nweft:x:${USER}:${USER}:weft:/tmp:/bin/sh\n`)],
    [GROUPS, text(`root:x:0:\nweft:x:${USER}:\n`)],
    [HOSTS, text("127.0.0.1 localhost\n::1 localhost\n")],
    [NAMES, text("passwd: files\ngroup: files\nhosts: files\n")],
    ...[...files.values()].map((content, index): [number, string] => [FIRST_FILE + index, text(content)]),
  ];
  const bubblewrap = ["/usr/bin/bwrap", "--args", String(ARGUMENTS), "--", ...limited, ...command];
  const unshared = ["--user", "--map-root-user", "--mount", "--", "/bin/sh", "-c", PREPARE, "weft"];
  const user = asUnprivileged();
  const started = [...user, "/usr/bin/unshare", ...unshared, String(size), String(limits.files + OWN_INODES), ...bubblewrap];
  return {
    command: started,
    inputs,
    infoDescriptor: INFO,
    outputBytes: limits.outputKb * 1024,
    memoryBytes,
    processorMs: limits.processorSeconds * 1000,
    wallMs: limits.wallSeconds * 1000,
    network: network && {
      enter: [...user, "/usr/bin/nsenter"],
      blockDescriptor: blockDescriptor(program),
      port: PROXY_PORT,
      limits: network.limits,
    },
  };
}

/** A process of root starts programs as a user that owns nothing. Other processes keep their user: they cannot do better. */
function asUnprivileged(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const [, , size] = readFileSync("/proc/self/uid_map", "utf8").trim().split(/\s+/);
  // The root of a container that has no other user owns nothing outside of it.
  if (Number(size) <= 65_534) return [];
  // A user of its own for each program, unless the container has only some users.
  const user = Number(size) > 0x7fffffff ? 0x70000000 + Math.floor(Math.random() * 0x0fffffff) : 65_534;
  return ["/usr/bin/setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "--inh-caps=-all", "--no-new-privs", "--"];
}

function options(program: Program): readonly string[] {
  const { script, files, env, commands, network } = program;
  const write = (permissions: string, descriptor: number, path: string): string[] => [
    "--perms",
    permissions,
    "--file",
    String(descriptor),
    path,
  ];
  return [
    ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"],
    ["--cap-drop", "ALL", "--seccomp", String(FILTER), "--info-fd", String(INFO)],
    network ? ["--block-fd", String(blockDescriptor(program))] : [],
    ["--uid", USER, "--gid", USER, "--hostname", "sandbox"],
    system(commands),
    etc.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
    write("0444", ACCOUNTS, "/etc/passwd"),
    write("0444", GROUPS, "/etc/group"),
    write("0444", HOSTS, "/etc/hosts"),
    write("0444", NAMES, "/etc/nsswitch.conf"),
    script === undefined ? [] : write("0444", SCRIPT, SCRIPT_PATH),
    ["--proc", "/proc", "--dev", "/dev"],
    ["--bind", "/tmp/box/shm", "/dev/shm", "--bind", "/tmp/box/workspace", "/workspace", "--bind", "/tmp/box/tmp", "/tmp"],
    [...files.keys()].flatMap((path, index) => write("0644", FIRST_FILE + index, `/workspace/${path}`)),
    ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/workspace", "--clearenv"],
    [...Object.entries({ ...environment, ...(network && proxyEnvironment) }), ...env].flatMap(([name, value]) => ["--setenv", name, value]),
  ].flat();
}

/** The system, read-only: all of it, or its libraries and the given programs. */
function system(commands: readonly string[] | null): readonly string[] {
  const usr =
    commands === null
      ? ["--ro-bind", "/usr", "/usr"]
      : [
          ...libraries.flatMap((name) => ["--ro-bind-try", `/usr/${name}`, `/usr/${name}`]),
          ...["/usr/bin/prlimit", ...commands].flatMap((path) => ["--ro-bind", path, path]),
        ];
  const folders = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"].flatMap((name) => {
    const path = `/${name}`;
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
    return found?.isDirectory() && (commands === null || name.startsWith("lib")) ? ["--ro-bind", path, path] : [];
  });
  return [...usr, ...folders];
}
