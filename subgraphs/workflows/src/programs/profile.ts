import type { SecurityProfile } from "@weft/engine";

/** What profiles say about programs. */
export type ProgramRules = Pick<SecurityProfile, "commands" | "limits">;

/** The rules of the profile `standard`. */
export const STANDARD_PROGRAMS: ProgramRules = {
  commands: null,
  limits: {
    memoryMb: 512,
    processorSeconds: 60,
    wallSeconds: 300,
    outputKb: 256,
    workspaceMb: 256,
    files: 10_000,
    processes: 64,
    network: false,
  },
};
