import type { StepGraph, ValueTemplate } from "../model/automation.js";
import { pathsOfTemplate } from "./template.js";

/** Whether the value of a template can contain a secret, or the value of a secret input. */
export const readsSecrets = ({ root, secretInputs }: Pick<StepGraph, "root" | "secretInputs">, template: ValueTemplate): boolean =>
  pathsOfTemplate(template).some(([first, name = ""]) => first === "secrets" || (first === root && secretInputs.has(name)));
