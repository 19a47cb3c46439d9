import { checkedCalls, refusedCalls } from "./system-calls.js";

/** Architectures that have a filter: the audit number of each, and its column in the tables of system calls. */
const architectures: Readonly<Record<string, { readonly audit: number; readonly column: 0 | 1 }>> = {
  x64: { audit: 0xc000003e, column: 0 },
  arm64: { audit: 0xc00000b7, column: 1 },
};

/** Offsets in `struct seccomp_data`. The lower half of an argument comes first on these architectures. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + 8 * index;

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const refuse = (errno: number): number => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Bit of system calls of the x32 ABI, which would pass by the numbers of the table. */
const X32 = 0x40000000;
/** Flags of `clone` that create namespaces. */
const NAMESPACES = 0x7e020000;
/** Puts characters into the input of a terminal; controls the console. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const EPROTONOSUPPORT = 93;
const ENOPROTOOPT = 92;
/** Others than these are ways to the kernel, such as netlink, or to the host, such as vsock. */
const AF_UNIX = 1;
/** For programs with a network only, and TCP only: it reaches the sandbox itself and its proxy. Without one, buffers would hold megabytes for nothing. */
const AF_INET = 2;
/** Of the type of a socket; the other bits are flags. */
const TYPE_BITS = 0xf;
const SOCK_STREAM = 1;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
/** Options of sockets that make their buffers larger. */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
/** Options of TCP that programs use: no delay, cork, keep-alive, time-outs. Others reach rarely used code of the kernel, such as its TLS. */
const TCP_OPTIONS = [1, 3, 4, 5, 6, 12, 18];
/** Type of service. */
const IP_OPTIONS = [1];

type Instruction = readonly [code: number, jumpIfTrue: number, jumpIfFalse: number, operand: number];

const and = (bits: number): Instruction => [0x54, 0, 0, bits];
const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const answer = (result: number): Instruction => [0x06, 0, 0, result];
const ifEqual = (value: number, ifTrue: number, ifFalse: number): Instruction => [0x15, ifTrue, ifFalse, value];
const ifAtLeast = (value: number, ifTrue: number, ifFalse: number): Instruction => [0x35, ifTrue, ifFalse, value];
const ifAnyBit = (bits: number, ifTrue: number, ifFalse: number): Instruction => [0x45, ifTrue, ifFalse, bits];

/** Allows the values; others fail. */
const oneOf = (values: readonly number[], errno: number): Instruction[] => [
  ...values.flatMap((value) => [ifEqual(value, 0, 1), answer(ALLOW)]),
  answer(refuse(errno)),
];

/**
 * Returns the filter of system calls for the sandbox, as the kernel reads it (`struct sock_filter`). Null: the architecture is unknown, so there is none.
 * Refused calls fail with EPERM. `clone3` fails with ENOSYS, because its flags are out of a filter's reach; libraries then use `clone`.
 * @param hasNetwork whether the program may have sockets of TCP, in the network of its sandbox
 */
export function seccompFilter(architecture: string, hasNetwork: boolean): Buffer | null {
  const known = architectures[architecture];
  if (!known) return null;
  const { audit, column } = known;
  const number = (name: keyof typeof checkedCalls): number => checkedCalls[name][column];
  /** Runs the instructions for one system call. They must end in an answer. */
  const on = (name: keyof typeof checkedCalls, instructions: readonly Instruction[]): Instruction[] => [
    ifEqual(number(name), 0, instructions.length),
    ...instructions,
  ];
  const unixOnly = [load(argument(0)), ifEqual(AF_UNIX, 0, 1), answer(ALLOW), answer(refuse(EAFNOSUPPORT))];
  const unixAndTcp = [
    load(argument(0)),
    ifEqual(AF_UNIX, 0, 1),
    answer(ALLOW),
    ifEqual(AF_INET, 1, 0),
    answer(refuse(EAFNOSUPPORT)),
    load(argument(1)),
    and(TYPE_BITS),
    ifEqual(SOCK_STREAM, 1, 0),
    answer(refuse(EPROTONOSUPPORT)),
    load(argument(2)),
    ...oneOf([0, IPPROTO_TCP], EPROTONOSUPPORT),
  ];
  /** Of the levels that sockets of TCP have, only these options. Sockets of Unix have no such levels. */
  const knownOptions = [
    ...[[IPPROTO_IP, IP_OPTIONS] as const, [IPPROTO_TCP, TCP_OPTIONS] as const].flatMap(([level, options]) => {
      const known = [load(argument(2)), ...oneOf(options, ENOPROTOOPT)];
      return [ifEqual(level, 0, known.length), ...known];
    }),
    answer(refuse(ENOPROTOOPT)),
  ];
  const refused = Object.values(refusedCalls).flatMap((numbers) => numbers[column] ?? []);
  const program: Instruction[] = [
    load(ARCHITECTURE),
    ifEqual(audit, 1, 0),
    answer(KILL),
    load(NUMBER),
    ...(column === 0 ? [ifAtLeast(X32, 0, 1), answer(KILL)] : []),
    ...on("clone3", [answer(refuse(ENOSYS))]),
    ...on("clone", [load(argument(0)), ifAnyBit(NAMESPACES, 0, 1), answer(refuse(EPERM)), answer(ALLOW)]),
    ...on("ioctl", [load(argument(1)), ifEqual(TIOCSTI, 1, 0), ifEqual(TIOCLINUX, 0, 1), answer(refuse(EPERM)), answer(ALLOW)]),
    ...on("socket", hasNetwork ? unixAndTcp : unixOnly),
    ...on("socketpair", unixOnly),
    // Nothing happens, and it succeeds: programs take what they get.
    ...on("setsockopt", [
      load(argument(1)),
      ...(hasNetwork ? [ifEqual(SOL_SOCKET, knownOptions.length, 0), ...knownOptions] : [ifEqual(SOL_SOCKET, 1, 0), answer(ALLOW)]),
      load(argument(2)),
      ifEqual(SO_SNDBUF, 1, 0),
      ifEqual(SO_RCVBUF, 0, 1),
      answer(refuse(0)),
      answer(ALLOW),
    ]),
    ...refused.flatMap((one) => [ifEqual(one, 0, 1), answer(refuse(EPERM))]),
    answer(ALLOW),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    const at = index * 8;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(ifTrue, at + 2);
    bytes.writeUInt8(ifFalse, at + 3);
    bytes.writeUInt32LE(operand >>> 0, at + 4);
  }
  return bytes;
}
