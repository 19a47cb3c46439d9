import type { Machine } from "../../core/model/machine.js";
import { compileStoredSteps, rememberSteps, type DefinitionSource } from "./machines.js";
import { orInvalidSteps } from "./unreadable.js";

export type StoredVersion = DefinitionSource & { readonly isDraft: boolean };

/**
 * Returns the machine of any version, in steps of a few milliseconds. The machine of a draft is not cached, because the draft changes. @throws
 * DefinitionInvalid
 */
export const machineOfVersion = (tenantId: string, { isDraft, ...version }: StoredVersion): Generator<void, Machine, void> =>
  orInvalidSteps(isDraft ? compileStoredSteps(version) : rememberSteps(tenantId, version));
