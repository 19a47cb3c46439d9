import type { ProgramLimits } from "@weft/engine";
import type { NetworkAnswer, NetworkLimits, NetworkRefusal, NetworkTarget } from "./runner-network.js";

/** A program for the sandbox. What it says has been checked: see `program-input.ts`. */
export interface Program {
  readonly tenantId: string;
  /** Absolute path in the sandbox, and arguments. */
  readonly command: readonly [path: string, ...arguments: string[]];
  /** Text of a script that the command finds at `SCRIPT_PATH`. */
  readonly script?: string;
  readonly env: ReadonlyMap<string, string>;
  readonly stdin: string;
  /** Texts by relative path in the workspace. */
  readonly files: ReadonlyMap<string, string>;
  /** Programs that the sandbox contains, by absolute path; null: all of the system. */
  readonly commands: readonly string[] | null;
  readonly limits: ProgramLimits;
  /** What the program reaches through the proxy of its sandbox. Null: it has no network, whatever its limits say. */
  readonly network: ProgramNetwork | null;
}

export interface ProgramNetwork {
  readonly limits: NetworkLimits;
  /** Decides about each target, and says to which addresses the connection is made. */
  readonly decide: (target: NetworkTarget) => Promise<NetworkAnswer>;
  /** Is told what the proxy itself has refused. */
  readonly onRefused: (written: string, refusal: NetworkRefusal) => void;
  /** Is told that the proxy has ended before the program. */
  readonly onLost: () => void;
}

/** Where the sandbox has the script of a program. */
export const SCRIPT_PATH = "/run/step.sh";

/** Why a program was ended before its own end. `aborted`: by its signal. `lost`: its runner ended. */
export type StopReason = "output" | "memory" | "processor" | "time" | "aborted" | "lost";

/** How a program has ended. */
export interface ProgramEnd {
  readonly stoppedBy: StopReason | null;
  /** As shells report it: 128 and the signal, if the program was ended by one. Null if the sandbox did not start it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly processorMs: number;
  /** Most memory that its processes had at one time. */
  readonly memoryBytes: number;
  /** Requests and tunnels of the proxy that were allowed. */
  readonly calls: number;
  /** Bytes that the program has sent, and received, by the proxy. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface ProgramRun {
  readonly signal: AbortSignal;
  /** Is told what the program writes, as it writes it: whole lines, except for very long ones. */
  readonly onOutput: (stream: "stdout" | "stderr", text: string) => void;
}
