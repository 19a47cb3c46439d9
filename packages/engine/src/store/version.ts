import type { Machine } from "../core/machine.js";
import { compileStoredSteps, rememberSteps, type DefinitionSource } from "./machines.js";
import { orInvalidSteps } from "./unreadable.js";

export type StoredVersion = DefinitionSource & { readonly isDraft: boolean };

/** The machine of any version, in steps of some milliseconds. The machine of a draft is not kept, because the draft changes. @throws DefinitionInvalid */
export const machineOfVersion = (tenantId: string, { isDraft, ...version }: StoredVersion): Generator<void, Machine, void> =>
  orInvalidSteps(isDraft ? compileStoredSteps(version) : rememberSteps(tenantId, version));
